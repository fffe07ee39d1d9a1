using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Simulation;

public sealed class SimulationTests
{
    private static readonly string _body = string.Concat(Enumerable.Range(0, 200).Select(n => $"line {n}\r\n"));

    [Fact]
    public void Run_WithoutSeed_HappensInThePlainestOrder()
    {
        var mirror = new MirrorHandler();
        var simulation = new Simulation(mirror);
        simulation.Relay.Says("220 hi\r\n").Awaits("QUIT").Says("221 bye\r\n").Fin();
        simulation.Client.Awaits("220 ").Says("QUIT\r\n").Fin();
        simulation.Run();
        Assert.Equal("220 hi\r\n221 bye\r\n", simulation.Client.Heard);
        Assert.Equal("QUIT\r\n", simulation.Relay.Heard);
        Assert.Equal(
            ["Accepted", "Dialled Connected", "Received Relay 8", "Received Client 6", "Ended Client Fin", "Received Relay 9",
                "Ended Relay Fin", "Closed"],
            mirror.Calls);
    }

    [Fact]
    public void Run_AnySeed_DeliversEveryOctetAndFin()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var simulation = Dialogue(seed).Run();
            Assert.True(simulation.IsClosed, simulation.ToString());
            Assert.Equal(_body + "QUIT\r\n", simulation.Relay.Heard);
            Assert.Equal("220 hi\r\n250 ok\r\n221 bye\r\n", simulation.Client.Heard);
            Assert.Equal((EndKind.Fin, EndKind.Fin), (simulation.Client.End, simulation.Relay.End));
        }
    }

    [Fact]
    public void Run_SameSeed_IsTheSameSession()
    {
        Assert.Equal(Dialogue(7).Run().ToString(), Dialogue(7).Run().ToString());
        Assert.NotEqual(Dialogue(7).Run().ToString(), Dialogue(8).Run().ToString());
    }

    [Fact]
    public void Run_WindowIsShut_KeepsTheRestUnsentUntilItOpens()
    {
        var simulation = new Simulation(new MirrorHandler());
        simulation.Relay.Window = 4;
        simulation.Client.Says("0123456789").Says("behind").Fin();
        simulation.Run();
        Assert.Equal("0123", simulation.Relay.Heard);
        Assert.Equal(6, simulation.Pair.Unsent(Leg.Relay));
        simulation.Relay.Window = 100;
        simulation.Run();
        Assert.Equal("0123456789behind", simulation.Relay.Heard);
        Assert.Equal(EndKind.Fin, simulation.Relay.End);
    }

    [Fact]
    public void Step_ThePeerResetsWhileOctetsAreUnsent_DropsThemAndEndsTheLeg()
    {
        var mirror = new MirrorHandler();
        var simulation = new Simulation(mirror);
        simulation.Relay.Window = 0;
        simulation.Client.Says("never taken");
        simulation.Run();
        simulation.Relay.EndsNow(EndKind.Reset);
        simulation.Run();
        Assert.Equal("", simulation.Relay.Heard);
        Assert.Equal(EndKind.Reset, simulation.Client.End);
        Assert.Equal(["Ended Relay Reset", "Closed"], mirror.Calls[^2..]);
    }

    [Fact]
    public void Run_APeerThatClosedIsSentMore_Resets()
    {
        var simulation = new Simulation(new MirrorHandler());
        simulation.Client.Closes();
        simulation.Relay.Awaits("").Waits(TimeSpan.FromSeconds(1)).Says("220 nobody there\r\n");
        simulation.Run();
        Assert.Equal("", simulation.Client.Heard);
        Assert.Equal(EndKind.Reset, simulation.Relay.End);
        Assert.True(simulation.IsClosed);
    }

    [Theory]
    [InlineData(DialOutcome.Refused, 0)]
    [InlineData(DialOutcome.TimedOut, 30)]
    [InlineData(DialOutcome.Unreachable, 2)]
    public void Run_DialFails_IsToldAfterItsTime(DialOutcome outcome, int seconds)
    {
        var mirror = new MirrorHandler();
        var simulation = new Simulation(mirror);
        simulation.Dials.Then(outcome, TimeSpan.FromSeconds(seconds));
        simulation.Run();
        Assert.Equal(seconds, (int)simulation.Elapsed.TotalSeconds);
        Assert.Equal(["Accepted", $"Dialled {outcome}", "Closed"], mirror.Calls);
    }

    [Fact]
    public void Pass_TimersAreSet_RunOutInTheirOrder()
    {
        var timers = new TimerHandler();
        var simulation = new Simulation(timers);
        simulation.Dials.ThenNothing();
        simulation.Pass(TimeSpan.FromSeconds(4));
        Assert.Equal(["Accepted", "TimedOut RelayRead", "TimedOut ClientRead"], timers.Calls);
        simulation.RunToEnd();
        Assert.Equal(["TimedOut Session", "Closed"], timers.Calls[^2..]);
        Assert.Equal(60, (int)simulation.Elapsed.TotalSeconds);
    }

    [Fact]
    public void Splice_OctetsInTheMiddle_AreNotShown()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var mirror = new SplicingHandler(octets: 9);
            var simulation = new Simulation(mirror, seed);
            simulation.Client.Says("unseen---seen").Fin();
            simulation.Relay.Awaits("seen").Fin();
            simulation.Run();
            Assert.Equal("unseen---seen", simulation.Relay.Heard);
            Assert.Equal("seen", mirror.Seen);
            Assert.Equal(9, mirror.SplicedOctets);
            Assert.True(simulation.IsClosed, simulation.ToString());
        }
    }

    [Fact]
    public void Signal_FromOutside_IsToldOnTheLoop()
    {
        var mirror = new MirrorHandler();
        var simulation = new Simulation(mirror);
        simulation.Run();
        simulation.Pair.Signal(42);
        simulation.Run();
        Assert.Equal("Signalled 42", mirror.Calls[^1]);
    }

    [Fact]
    public void EveryEnd_OfAMirror_ReachesTheOtherSideBehindItsOctets()
    {
        var replays = EveryEnd.Replay(() => Dialogue(3), (simulation, end) =>
        {
            var other = simulation.Peer(end.Of.Other());
            Assert.True(simulation.IsClosed);
            Assert.True(other.End is not null || simulation.Relay.Octets.Count == 0, "an end got lost");
            Assert.StartsWith(simulation.Relay.Heard, _body + "QUIT\r\n", StringComparison.Ordinal);
            Assert.StartsWith(simulation.Client.Heard, "220 hi\r\n250 ok\r\n221 bye\r\n", StringComparison.Ordinal);
        });
        Assert.InRange(replays, 100, 100_000);
    }

    private static Simulation Dialogue(int seed)
    {
        var simulation = new Simulation(new ImpatientHandler(), seed);
        simulation.Relay.Says("220 hi\r\n").Awaits("line 199\r\n").Says("250 ok\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        simulation.Client.Awaits("220 hi\r\n").Says(_body).Awaits("250 ok").Says("QUIT\r\n").Fin();
        return simulation;
    }
}
