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
    public void TakeDue_OfOneThatHasRunOut_TakesItOnce()
    {
        var deadlines = new PairDeadlines();
        var at = deadlines.Set(Timer, TimeSpan.FromSeconds(1), Now);
        Assert.Equal(-1, deadlines.TakeDue(at - 1));
        Assert.Equal(Timer, deadlines.TakeDue(at));
        Assert.Equal(-1, deadlines.TakeDue(long.MaxValue - 1));
    }

    [Fact]
    public void TakeDue_OfSeveralThatHaveRunOut_TakesThemInTheOrderOfTheirTimes()
    {
        var deadlines = new PairDeadlines();
        deadlines.Set((int)PairTimer.ClientRead, TimeSpan.FromSeconds(3), Now);
        deadlines.Set((int)PairTimer.Session, TimeSpan.FromSeconds(1), Now);
        deadlines.Set(PairDeadlines.Dial, TimeSpan.FromSeconds(2), Now);
        var late = Now + (9 * Stopwatch.Frequency);
        Assert.Equal(
            [(int)PairTimer.Session, PairDeadlines.Dial, (int)PairTimer.ClientRead, -1],
            Enumerable.Range(0, 4).Select(_ => deadlines.TakeDue(late)));
    }
}
