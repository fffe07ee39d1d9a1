using System.Diagnostics;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

public sealed class TimerTests
{
    public static TheoryData<string> All => Rig.All;

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task SetTimer_Once_RunsOutOnceAndNotBefore(string transport)
    {
        long set = 0;
        var early = TimeSpan.Zero;
        await using var rig = new Rig(transport, session =>
        {
            session.OnSignalled = _ =>
            {
                set = session.Pair.Clock();
                session.Pair.SetTimer(PairTimer.ClientRead, TimeSpan.FromMilliseconds(60));
                session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(200));
            };
            session.OnTimedOut = timer =>
                early = timer == PairTimer.ClientRead ? Stopwatch.GetElapsedTime(set, session.Pair.Clock()) : early;
        });
        var (_, _, session) = await rig.Join();
        await session.Signal(1);
        await session.Log.Saw("TimedOut Session");
        Assert.Single(session.Log.Events, e => e == "TimedOut ClientRead");
        Assert.InRange(early, TimeSpan.FromMilliseconds(50), Rig.Patience);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task SetTimer_SeveralAtOnce_RunOutInTheOrderOfTheirTimes(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            var before = session.Pair.Clock();
            session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(250));
            session.Pair.SetTimer(PairTimer.RelayWrite, TimeSpan.FromMilliseconds(50));
            session.Pair.SetTimer(PairTimer.ClientWrite, TimeSpan.FromMilliseconds(150));
            session.Pair.SetTimer(PairTimer.RelayRead, TimeSpan.Zero);
            session.Pair.SetTimer(PairTimer.ClientRead, TimeSpan.FromMilliseconds(100));
            if (Stopwatch.GetElapsedTime(before, session.Pair.Clock()) > TimeSpan.FromMilliseconds(40))
            {
                // This thread had to wait in between: their times are not in the order of what was asked for. Once more.
                session.Pair.Signal(1);
            }
        });
        var (_, _, session) = await rig.Join();
        await session.Signal(1);
        await session.Log.Saw("TimedOut Session");
        Assert.Equal(
            ["TimedOut RelayRead", "TimedOut RelayWrite", "TimedOut ClientRead", "TimedOut ClientWrite", "TimedOut Session"],
            session.Log.Events[^5..]);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task SetTimer_Again_ReplacesTheDeadline(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            session.Pair.SetTimer(PairTimer.ClientRead, TimeSpan.FromMilliseconds(20));
            session.Pair.SetTimer(PairTimer.ClientRead, TimeSpan.FromHours(1));
            session.Pair.SetTimer(PairTimer.RelayRead, TimeSpan.FromHours(1));
            session.Pair.SetTimer(PairTimer.RelayRead, TimeSpan.FromMilliseconds(20));
            session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(150));
        });
        var (_, _, session) = await rig.Join();
        await session.Signal(1);
        await session.Log.Saw("TimedOut Session");
        Assert.Contains("TimedOut RelayRead", session.Log.Events);
        Assert.DoesNotContain("TimedOut ClientRead", session.Log.Events);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task CancelTimer_ThatIsSet_ForgetsIt(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnSignalled = _ =>
        {
            session.Pair.SetTimer(PairTimer.RelayWrite, TimeSpan.FromMilliseconds(20));
            session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(150));
            session.Pair.CancelTimer(PairTimer.RelayWrite);
            session.Pair.CancelTimer(PairTimer.ClientRead);
        });
        var (_, _, session) = await rig.Join();
        await session.Signal(1);
        await session.Log.Saw("TimedOut Session");
        Assert.DoesNotContain("TimedOut RelayWrite", session.Log.Events);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task SetTimer_FromInsideTimedOut_RunsOutAgain(string transport)
    {
        var ticks = 0;
        await using var rig = new Rig(transport, session =>
        {
            session.OnSignalled = _ => session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(5));
            session.OnTimedOut = _ =>
            {
                if (++ticks < 20)
                {
                    session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(5));
                }
            };
        });
        var (_, _, session) = await rig.Join();
        await session.Signal(1);
        await session.Log.Until(events => events.Count(e => e == "TimedOut Session") == 20, "the timer, twenty times");
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task TimedOut_WhileOctetsKeepComing_IsNotStarved(string transport)
    {
        await using var rig = new Rig(transport, session => session.OnAccepted = () =>
        {
            session.Pair.SetTimer(PairTimer.Session, TimeSpan.FromMilliseconds(50));
            session.Pair.Dial(session.Target);
        });
        var (client, relay, session) = await rig.Join();
        using var enough = new CancellationTokenSource();
        var busy = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await client.Says("x");
                await relay.Hears("x");
            }
        });
        await session.Log.Saw("TimedOut Session");
        await enough.CancelAsync();
        await busy;
    }
}
