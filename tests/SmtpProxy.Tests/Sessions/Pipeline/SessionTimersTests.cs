using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>Timers that are postponed or share one, reasons to pause, and a first line that is kept.</summary>
public sealed class SessionTimersTests
{
    private readonly TestPair _pair = new();

    [Fact]
    public void FaultTimers_ShareOneOfThePair_AndComeInOrder()
    {
        var timers = new FaultTimers(_pair);
        Assert.Null(timers.TakeDue());
        timers.Set(FaultTimer.Slot, TimeSpan.FromSeconds(3));
        timers.Set(FaultTimer.Dial, TimeSpan.FromSeconds(1));
        timers.Set(FaultTimer.Elapsed, TimeSpan.FromSeconds(2));
        Assert.Equal("Spare 3000; Spare 1000; Spare 1000", _pair.TakeTold());
        Assert.Null(timers.TakeDue());
        Assert.Equal("Spare 1000", _pair.TakeTold());
        _pair.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(FaultTimer.Dial, timers.TakeDue());
        Assert.Equal(FaultTimer.Elapsed, timers.TakeDue());
        Assert.Equal("", _pair.TakeTold());
        Assert.Null(timers.TakeDue());
        Assert.Equal("Spare 1000", _pair.TakeTold());
        timers.Cancel(FaultTimer.Slot);
        _pair.Pass(TimeSpan.FromSeconds(2));
        Assert.Null(timers.TakeDue());
        Assert.Equal("", _pair.TakeTold());
    }

    [Fact]
    public void FaultTimer_OfNoTime_IsDueAtOnceAndTheClockIsAskedSoon()
    {
        var timers = new FaultTimers(_pair);
        timers.Set(FaultTimer.Idle, TimeSpan.FromSeconds(-1));
        Assert.Equal("Spare 1", _pair.TakeTold());
        Assert.Equal(FaultTimer.Idle, timers.TakeDue());
    }

    [Fact]
    public void SessionTimer_ThatWasPostponed_IsSetAgainWithItsLimit()
    {
        var timers = new SessionTimers(_pair);
        timers.Set(PairTimer.ClientRead, TimeSpan.FromSeconds(1));
        timers.Set(PairTimer.RelayRead, TimeSpan.FromSeconds(2));
        timers.Set(PairTimer.Session, TimeSpan.FromSeconds(3));
        Assert.Equal("ClientRead 1000; RelayRead 2000; Session 3000", _pair.TakeTold());
        timers.GoOn();
        Assert.False(timers.Postpone(PairTimer.Session));
        Assert.True(timers.Postpone(PairTimer.ClientRead));
        Assert.True(timers.Postpone(PairTimer.RelayRead));
        timers.Cancel(PairTimer.RelayRead);
        Assert.Equal("no RelayRead", _pair.TakeTold());
        timers.GoOn();
        Assert.Equal("ClientRead 1000", _pair.TakeTold());
        timers.GoOn();
        Assert.Equal("", _pair.TakeTold());
        timers.Postpone(PairTimer.ClientRead);
        timers.Set(PairTimer.ClientRead, TimeSpan.FromSeconds(9));
        _pair.TakeTold();
        timers.GoOn();
        Assert.Equal("", _pair.TakeTold());
    }

    /// <summary>What was postponed once is set again once; and the timer of a session's end, which never is, can be forgotten.</summary>
    [Fact]
    public void SessionTimer_ThatHasGoneOn_IsNotSetAgainWithAnother()
    {
        var timers = new SessionTimers(_pair);
        timers.Set(PairTimer.ClientRead, TimeSpan.FromSeconds(1));
        timers.Set(PairTimer.RelayRead, TimeSpan.FromSeconds(2));
        timers.Postpone(PairTimer.ClientRead);
        timers.GoOn();
        timers.Postpone(PairTimer.RelayRead);
        _pair.TakeTold();
        timers.GoOn();
        Assert.Equal("RelayRead 2000", _pair.TakeTold());
        timers.Cancel(PairTimer.Session);
        Assert.Equal("no Session", _pair.TakeTold());
    }

    /// <summary>Of a relay that was left nothing stands that would keep the next one from being read.</summary>
    [Fact]
    public void Relay_ThatIsDialledAfterAPausedOne_IsPausedAnew()
    {
        var context = new SessionContext(_pair, new SessionLimits(), new SessionBed().Host.Telemetry.Open("inbound", "relays"), null,
            static e => throw e);
        context.Flow.Set(Leg.Relay, PauseReason.Kept, stands: true);
        new RelayPort(context).Dial(RelayIdentity.None.Introduce(
            new DialTarget(_pair.Local, TimeSpan.FromSeconds(1)), _pair.Client, _pair.Local));
        context.Flow.Set(Leg.Relay, PauseReason.Kept, stands: true);
        Assert.Equal("pause Relay; dial; pause Relay", _pair.TakeTold());
    }

    [Fact]
    public void Flow_ThatHasSeveralReasonsToStand_GoesOnAfterTheLast()
    {
        var flow = new Flow(_pair);
        flow.Set(Leg.Client, PauseReason.NoPeer, stands: true);
        flow.Set(Leg.Client, PauseReason.Unsent, stands: true);
        flow.Set(Leg.Relay, PauseReason.Kept, stands: true);
        flow.Set(Leg.Client, PauseReason.NoPeer, stands: false);
        Assert.Equal("pause Client; pause Relay", _pair.TakeTold());
        flow.Set(Leg.Client, PauseReason.Unsent, stands: false);
        flow.Set(Leg.Client, PauseReason.Unsent, stands: false);
        Assert.Equal("resume Client", _pair.TakeTold());
        flow.Discard(Leg.Relay);
        flow.Set(Leg.Relay, PauseReason.Kept, stands: false);
        flow.Set(Leg.Relay, PauseReason.Kept, stands: true);
        Assert.Equal("resume Relay", _pair.TakeTold());
        flow.Renew(Leg.Relay);
        flow.Set(Leg.Relay, PauseReason.Kept, stands: true);
        Assert.Equal("pause Relay", _pair.TakeTold());
    }

    [Theory]
    [InlineData(true, new[] { "2", "20 mx" }, new[] { true, true }, "220 mx")]
    [InlineData(false, new[] { "2" }, new[] { false }, "")]
    [InlineData(true, new[] { "x" }, new[] { false }, "")]
    [InlineData(true, new[] { "220 mx\r\n" }, new[] { false }, "")]
    [InlineData(true, new[] { "22", "x\n" }, new[] { true, false }, "22")]
    public void FirstLine_OfARelay_IsKeptWhileItMayBeAGreetingAndAnotherCouldBeTried(
        bool hasAnother, string[] said, bool[] kept, string left)
    {
        var line = new FirstLine(new Choice(hasAnother));
        Assert.False(line.Keeps("2"u8), "Nothing is kept before it begins.");
        line.Begin();
        Assert.Equal(kept, said.Select(text => line.Keeps(Encoding.ASCII.GetBytes(text))));
        Assert.Equal(left, Encoding.ASCII.GetString(line.End()));
        Assert.Empty(line.End());
        Assert.False(line.Keeps("2"u8), "Nor after its end.");
    }

    [Fact]
    public void FirstLine_IsKeptUpTo512Octets()
    {
        var line = new FirstLine(new Choice(true));
        line.Begin();
        Assert.True(line.Keeps(Encoding.ASCII.GetBytes(new string('2', 512))));
        Assert.False(line.Keeps("2"u8));
        line.Begin();
        Assert.False(line.Keeps(Encoding.ASCII.GetBytes(new string('2', 513))));
        Assert.Empty(line.End());
    }

    private sealed class Choice(bool hasAnother) : IRelayChoice
    {
        public bool HasAnother => hasAnother;
    }
}
