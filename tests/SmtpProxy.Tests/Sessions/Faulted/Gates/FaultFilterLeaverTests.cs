using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>A client that leaves without QUIT, where a fault has taken the relay, or there never was one: nobody else would end the
/// session, and it is not waited for until a limit of time runs out.</summary>
public sealed class FaultFilterLeaverTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("none", "220 injected\r\n250 2.0.0 Ok\r\n", 1)]
    [InlineData("taken", "220 mx\r\n250 noop\r\n250 2.0.0 Ok\r\n", 1)]
    [InlineData("reset", "220 mx\r\n250 noop\r\n250 2.0.0 Ok\r\n", 1)]
    [InlineData("held", "220 mx\r\n250 noop\r\n", 10)]
    public void Client_ThatLeavesWithoutQuit_EndsTheSession_WhenItHasAllItsAnswers(string relay, string heard, int seconds)
    {
        var faults = relay == "none"
            ? new FakeFaults().At(FaultPoint.Greeting, static s =>
                (s.Withhold, s.Reply) = (true, static _ => [new ReplyStep.Say("220 injected\r\n"u8.ToArray())]))
            : new FakeFaults().Behind(FaultPoint.Noop, s => s.Reply = real => relay == "held"
                ? [new ReplyStep.Pause(10 * Second), new ReplyStep.Say(real), new ReplyStep.End(EndKind.Fin, Leg.Relay)]
                : [new ReplyStep.Say(real), new ReplyStep.End(relay == "reset" ? EndKind.Reset : EndKind.Fin, Leg.Relay)]);
        var bed = new SessionBed(faults: faults);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Waits(12 * Second).Fin();
        bed.Sim.Client.Awaits("\r\n");
        if (relay != "none")
        {
            bed.Sim.Client.Says("NOOP\r\n");
        }

        if (relay is "taken" or "reset")
        {
            bed.Sim.Client.Awaits("250 noop\r\n");
        }

        if (relay != "held")
        {
            bed.Sim.Client.Waits(Second).Says("RSET\r\n").Awaits("Ok\r\n");
        }

        bed.Sim.Client.Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(heard, bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.InRange(bed.Sim.Elapsed, seconds * Second, 15 * Second);
    }
    /// <summary>A relay that ended by itself, behind a reply that was held: no fault has ended that session.</summary>
    [Fact]
    public void Relay_ThatEndsBehindAReplyThatIsHeld_HasEndedTheSession()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second);
        var bed = new SessionBed(faults: faults);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.Client.Awaits("\r\n").Says("NOOP\r\n").Awaits("250 noop\r\n").Waits(Second).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("220 mx\r\n250 noop\r\n", bed.Sim.Client.Heard);
        Assert.Equal("relay_gone", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>What a client said ahead goes nowhere once it is gone, and nobody waits for the relay to take it.</summary>
    [Fact]
    public void Client_ThatResets_WithOctetsThatWaitForAReply_EndsTheSessionAtOnce()
    {
        var bed = new SessionBed(faults: new FakeFaults());
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("AUTH PLAIN\r\n" + new string('x', 20_000));
        bed.Sim.Run();
        Assert.Equal(("AUTH PLAIN\r\n", true), (bed.Sim.Relay.Heard, bed.Sim.Pair.ClientLeg.IsPaused));
        bed.Sim.Client.Resets();
        bed.Sim.Run();
        Assert.Equal((EndKind.Reset, true), (bed.Sim.Relay.End, bed.Sim.IsClosed));
    }
}
