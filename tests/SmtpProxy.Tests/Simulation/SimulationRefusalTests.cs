using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

/// <summary>What the simulation does not let a session get away with.</summary>
public sealed class SimulationRefusalTests
{
    [Fact]
    public void Run_SendAfterShut_IsRefused() => Refused(
        "Send to the Client after Shut",
        pair =>
        {
            pair.Shut(Leg.Client);
            pair.Send(Leg.Client, "late"u8);
        });

    [Fact]
    public void Run_SendToARelayThatIsNotConnected_IsRefused() =>
        Refused("Send to the Relay before it is connected", pair => pair.Send(Leg.Relay, "early"u8));

    [Fact]
    public void Run_DialTwice_IsRefused() => Refused(
        "a dial is under way",
        pair =>
        {
            pair.Dial(new DialTarget(pair.Local, TimeSpan.FromSeconds(1)));
            pair.Dial(new DialTarget(pair.Local, TimeSpan.FromSeconds(1)));
        });

    [Fact]
    public void Run_HandlerThrows_IsShownWithWhatHappened() =>
        Refused("a bug", _ => throw new InvalidOperationException("a bug"));

    [Fact]
    public void Run_HandlerDoesNotPause_IsRefused()
    {
        var simulation = new Simulation(new CarelessHandler());
        simulation.Relay.Window = 2;
        simulation.Client.Says("more than two").Says("and more");
        var refused = Assert.Throws<SimulationException>(simulation.Run);
        Assert.Contains("Client is still read, and passed on, although 11 octets were unsent", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Send_FromOutsideACall_IsRefused()
    {
        var simulation = new Simulation(new MirrorHandler());
        simulation.Run();
        Assert.Throws<SimulationException>(() => simulation.Pair.Send(Leg.Client, "from nowhere"u8));
    }

    [Fact]
    public void Send_AfterClosed_IsRefused()
    {
        var simulation = new Simulation(new MirrorHandler());
        simulation.Client.Resets();
        simulation.Run();
        Assert.True(simulation.IsClosed);
        Assert.Throws<SimulationException>(() => simulation.Pair.Send(Leg.Client, "to nobody"u8));
    }

    [Fact]
    public void RunToEnd_NothingWouldEndTheSession_IsRefused()
    {
        var simulation = new Simulation(new MirrorHandler());
        simulation.Client.Fin();
        Assert.Contains("never ends", Assert.Throws<SimulationException>(simulation.RunToEnd).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TimerThatIsSetAgainForEver_IsRefused()
    {
        var simulation = new Simulation(new RestlessHandler());
        Assert.Contains("for ever", Assert.Throws<SimulationException>(simulation.Run).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_HandlerSendsWithoutEnd_IsRefused() =>
        Refused("without end", static pair => WithoutEnd(() => pair.Send(Leg.Client, "more"u8)));

    [Fact]
    public void Run_HandlerReadsTheClockWithoutEnd_IsRefused() => Refused("without end", static pair => WithoutEnd(() => pair.Clock()));

    [Fact]
    public void Run_HandlerWaitsForWhatCannotComeMeanwhile_IsRefused() =>
        Refused("without end", static pair => WithoutEnd(() => pair.Unsent(Leg.Client)));

    [Fact]
    public void Run_HandlerSignalsWithoutEnd_IsRefused() => Refused("without end", static pair => WithoutEnd(() => pair.Signal(1)));

    private static void WithoutEnd(Action request)
    {
        while (true)
        {
            request();
        }
    }

    private static void Refused(string why, Action<IPair> what)
    {
        var simulation = new Simulation(new AcceptingHandler(what), seed: 5);
        var refused = Assert.Throws<SimulationException>(simulation.Run);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains("seed 5", refused.Message, StringComparison.Ordinal);
    }

    private sealed class AcceptingHandler(Action<IPair> what) : MirrorHandler
    {
        public override void Accepted(IPair pair) => what(pair);
    }

    private sealed class CarelessHandler : MirrorHandler
    {
        public override void Received(Leg from, ReadOnlySpan<byte> octets) => Pair.Send(from.Other(), octets);
    }

    private sealed class RestlessHandler : MirrorHandler
    {
        public override void Accepted(IPair pair)
        {
            base.Accepted(pair);
            pair.SetTimer(PairTimer.Session, TimeSpan.Zero);
        }

        public override void TimedOut(PairTimer timer) => Pair.SetTimer(timer, TimeSpan.Zero);
    }
}
