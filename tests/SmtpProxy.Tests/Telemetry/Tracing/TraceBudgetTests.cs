using System.Diagnostics;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Tests.Telemetry.Tracing;

public sealed class TraceBudgetTests
{
    [Fact]
    public void Take_BeyondTheSecondsTraces_IsRefused_UntilTheNextSecond()
    {
        var budget = new TraceBudget(0, 3);
        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5)
            .Select(_ => budget.TryTake(KeepReason.Error, 7 * Stopwatch.Frequency)));
        Assert.False(budget.TryTake(KeepReason.Error, (8 * Stopwatch.Frequency) - 1));
        Assert.True(budget.TryTake(KeepReason.Error, 8 * Stopwatch.Frequency));
    }

    [Fact]
    public void Take_ByLot_LeavesHalfForWhatGoesWrong()
    {
        var budget = new TraceBudget(1, 10);
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => budget.TryTake(KeepReason.Head, 0)));
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => budget.TryTake(KeepReason.Slow, 0)));
    }

    [Fact]
    public void Take_WithALateTime_CountsInTheSecondThatIsRunning()
    {
        var budget = new TraceBudget(0, 1);
        Assert.True(budget.TryTake(KeepReason.Error, 9 * Stopwatch.Frequency));
        Assert.False(budget.TryTake(KeepReason.Error, 8 * Stopwatch.Frequency));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 10_000, 10_000)]
    [InlineData(0.01, 20, 250)]
    public void Draw_FallsOnTheShare(double share, int least, int most)
    {
        var budget = new TraceBudget(share, 1);
        Assert.InRange(Enumerable.Range(0, 10_000).Count(_ => budget.Draw()), least, most);
    }

    [Fact]
    public void Take_OfNone_IsRefused() => Assert.False(new TraceBudget(1, 0).TryTake(KeepReason.Error, 0));
}
