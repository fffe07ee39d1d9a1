using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>Another relay takes the place of one that cannot be had, while rules are armed.</summary>
public sealed class FaultedSessionFailOverTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dial_FirstRefusedWhileRulesAreArmed_NextRelayServesUnnoticed(bool isGreetingWatched)
    {
        var bed = new SessionBed(relays: 3, faults: Rules(isGreetingWatched));
        bed.Sim.Dials.Then(DialOutcome.Refused).Then(DialOutcome.TimedOut).Then(DialOutcome.Connected);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("", EndKind.Fin, false)]
    [InlineData("", EndKind.Reset, false)]
    [InlineData("", EndKind.Fin, true)]
    [InlineData("220 cut o", EndKind.Fin, false)]
    [InlineData("220 cut o", EndKind.Reset, true)]
    public void Relay_GoneBeforeItsGreetingWhileRulesAreArmed_NextRelayServesUnnoticed(string said, EndKind how, bool isGreetingWatched)
    {
        var bed = new SessionBed(relays: 2, faults: Rules(isGreetingWatched));
        if (said.Length > 0)
        {
            bed.Sim.Relays(0).Says(said);
        }

        bed.Sim.Relays(0).EndsNow(how);
        bed.Sim.Relays(1).Says(Dialogues.Greeting).Awaits("NOOP\r\n").Says("250 ok\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("NOOP\r\n").Awaits("250").Awaits("\r\n").Says("QUIT\r\n").Awaits("221").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "250 ok\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal(["relay-0:GreetingFailed", "relay-1:Greeted"], bed.Relays.Reports);
    }

    [Fact]
    public void Relay_SilentInMidGreetingWhileTheGreetingIsWatched_ClientHearsTheNextOneAlone()
    {
        var bed = new SessionBed(relays: 2, faults: Rules(isGreetingWatched: true));
        bed.Sim.Relays(0).Says("220-left for another\r\n");
        bed.Sim.Relays(1).Says(Dialogues.Greeting).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("QUIT\r\n").Awaits("221").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "221 bye\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>Rules that look, and never strike.</summary>
    private static FakeFaults Rules(bool isGreetingWatched)
    {
        var faults = new FakeFaults();
        if (isGreetingWatched)
        {
            faults.Replies[FaultPoint.Greeting] = static _ => null;
        }

        return faults;
    }
}
