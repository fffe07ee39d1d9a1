using System.Diagnostics;
using SmtpProxy.Sessions;

namespace SmtpProxy.Tests.Sessions;

public sealed class DataPaceTests
{
    private static readonly TimeSpan Block = TimeSpan.FromMinutes(3);

    [Fact]
    public void Next_ByHowMuchCame_EarnsTimeUpToABlocks()
    {
        var pace = new DataPace(Block, 10);
        Assert.Equal(Block, pace.Next(0, Seconds(0)));
        Assert.Equal(TimeSpan.FromSeconds(90), pace.Next(100, Seconds(100)));
        Assert.Equal(TimeSpan.FromSeconds(70), pace.Next(100, Seconds(130)));
        Assert.True(pace.IsSlow);
        Assert.Equal(Block, pace.Next(1_000_000, Seconds(140)));
        Assert.False(pace.IsSlow);
        Assert.Equal(TimeSpan.Zero, pace.Next(1, Seconds(1000)));
    }

    /// <summary>A silence of half the time is a silence; what is longer has been slow before.</summary>
    [Theory]
    [InlineData(89, false)]
    [InlineData(90, false)]
    [InlineData(91, true)]
    public void IsSlow_WhenMoreThanHalfOfTheTimeIsSpent(int seconds, bool isSlow)
    {
        var pace = new DataPace(Block, 10);
        pace.Next(0, Seconds(0));
        pace.Next(0, Seconds(seconds));
        Assert.Equal(isSlow, pace.IsSlow);
    }

    [Fact]
    public void Next_AfterATimeInWhichTheClientWasNotWaitedFor_IsAWholeBlock()
    {
        var pace = new DataPace(Block, 10);
        pace.Next(0, Seconds(0));
        Assert.Equal(TimeSpan.FromSeconds(10), pace.Next(0, Seconds(170)));
        pace.Stop();
        Assert.Equal(Block, pace.Next(1, Seconds(5000)));
    }

    [Fact]
    public void Next_WithoutARate_IsAWholeBlock()
    {
        var pace = new DataPace(Block, 0);
        Assert.All(Enumerable.Range(0, 100), n => Assert.Equal(Block, pace.Next(0, Seconds(n * 170))));
    }

    private static long Seconds(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
