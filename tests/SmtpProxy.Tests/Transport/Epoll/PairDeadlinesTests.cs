using System.Diagnostics;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Epoll.Timers;

namespace SmtpProxy.Tests.Transport.Epoll;

public sealed class PairDeadlinesTests
{
    private const int Timer = (int)PairTimer.Session;
    private static readonly long Now = Stopwatch.Frequency * 1000;

    [Fact]
    public void Next_OfSeveral_IsTheEarliest()
    {
        var deadlines = new PairDeadlines();
        Assert.Equal(TimerWheel.Never, deadlines.Next);
        deadlines.Set(PairDeadlines.Dial, TimeSpan.FromSeconds(9), Now);
        deadlines.Set(Timer, TimeSpan.FromSeconds(2), Now);
        Assert.Equal(Now + (2 * Stopwatch.Frequency), deadlines.Next);
        deadlines.Cancel(Timer);
        Assert.Equal(Now + (9 * Stopwatch.Frequency), deadlines.Next);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Set_ToATimeThatNeverComes_CancelsIt(long ticks)
    {
        var deadlines = new PairDeadlines();
        deadlines.Set(Timer, TimeSpan.FromSeconds(1), Now);
        Assert.Equal(TimerWheel.Never, deadlines.Set(Timer, TimeSpan.FromTicks(ticks), Now));
        Assert.Equal(TimerWheel.Never, deadlines.Next);
    }

    [Fact]
    public void TryTake_OfOneThatHasRunOut_TakesItOnce()
    {
        var deadlines = new PairDeadlines();
        var at = deadlines.Set(Timer, TimeSpan.FromSeconds(1), Now);
        Assert.False(deadlines.TryTake(Timer, at - 1));
        Assert.True(deadlines.TryTake(Timer, at));
        Assert.False(deadlines.TryTake(Timer, long.MaxValue - 1));
    }
}
