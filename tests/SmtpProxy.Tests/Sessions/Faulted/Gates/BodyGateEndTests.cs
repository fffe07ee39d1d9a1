using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>The end of a message, and whatever else is held before the relay gets it.</summary>
public sealed class BodyGateEndTests
{
    private const string Closing = "421 4.3.2 Service not available, closing transmission channel\r\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Also where there is nothing before the dot, or the dot comes by itself.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("x\r\n")]
    [InlineData("..\r\n")]
    public void Dot_ThatIsWithheld_NeverReachesTheRelay_HoweverTheMessageIsCut(string body)
    {
        var message = body + ".\r\n";
        for (var cut = 0; cut < message.Length; cut++)
        {
            var faults = new FakeFaults().At(FaultPoint.EndOfData, static s =>
            {
                (s.Withhold, s.AbortRelay) = (true, EndKind.Reset);
                s.Reply = static _ => [Say("554 injected\r\n")];
            });
            var bed = Data(faults);
            bed.Sim.Client.Says(message[..cut]).Waits(Second).Says(message[cut..]).Awaits("554 injected\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith("DATA\r\n" + body, bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal((554, null), (Assert.Single(faults.Injections).ClientCode, faults.Injections[0].RelayCode));
        }
    }

    /// <summary>The relay has refused it before its end: it says nothing to that end, and nothing is decided about it.</summary>
    [Theory]
    [InlineData("x\r\n", ".\r\n")]
    [InlineData("x\r\n.", "\r\n")]
    [InlineData("x", "y\r\nz\r\n.\r\n")]
    public void Dot_OfAMessageThatWasRefusedBefore_PassesAndIsNotStruck(string before, string after)
    {
        var faults = new FakeFaults().At(FaultPoint.EndOfData, static s => s.BeforeForward = TimeSpan.FromHours(1));
        var bed = Data(faults);
        bed.Sim.Client.Says(before).Awaits("552 too big\r\n").Says(after + "QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("x").Waits(Second).Says("552 too big\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("DATA\r\n" + before + after + "QUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.EndsWith("354 go\r\n552 too big\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Empty(faults.Injections);
    }

    /// <summary>Nobody takes the message any more: no rule is asked about its end, and none of its budget is spent.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dot_ForARelayThatIsGone_IsNotAskedAbout(bool isTaken)
    {
        var asked = 0;
        var faults = new FakeFaults { BodyOffset = isTaken ? 5 : null }.At(FaultPoint.DataBody, static s => s.AbortRelay = EndKind.Reset);
        faults.Commands[FaultPoint.EndOfData] = _ =>
        {
            asked++;
            return null;
        };
        var bed = Data(faults);
        bed.Sim.Client.Says("some text").Waits(5 * Second).Says("\r\n.\r\n").Waits(Second).Fin();
        if (!isTaken)
        {
            bed.Sim.Relay.Awaits("some text").Fin();
        }

        bed.Sim.RunToEnd();
        Assert.Equal(0, asked);
    }

    /// <summary>A rule that strikes at an age takes the relay while a command is held: when that goes on, nobody is there for it.</summary>
    [Fact]
    public void Command_HeldWhileTheRelayIsTaken_IsAnsweredHere_WhenTheHoldIsOver()
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Elapsed, static s => s.AbortRelay = EndKind.Reset)
            .At(FaultPoint.Noop, static s => s.BeforeForward = 10 * Second);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits(Closing).Fin();
        bed.Sim.Pass(9 * Second);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n" + Closing, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("EHLO c\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>Who is waited for is late by nothing that is held, and what is held counts as nobody's time.</summary>
    [Fact]
    public void Command_HeldForLongerThanAnyLimit_MakesNobodyLate()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = TimeSpan.FromHours(2));
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits("250 noop\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        Assert.All(bed.Record.GetProperty("exchanges").EnumerateArray(),
            static e => Assert.InRange(e.GetProperty("ms").GetDouble(), 0, 100));
        Assert.InRange(bed.Record.GetProperty("duration_ms").GetDouble(), 7_200_000, 7_200_100);
    }

    /// <summary>After a hold whoever is waited for has its whole time, and no more.</summary>
    [Fact]
    public void Relay_SilentAfterAHoldThatWasLongerThanItsTime_IsLateAfterItsWholeTime()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = TimeSpan.FromMinutes(7));
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits("421").Awaits("\r\n").Fin();
        bed.Sim.Pass(TimeSpan.FromMinutes(12) - (2 * Second));
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(4 * Second);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        bed.Sim.RunToEnd();
        Assert.Equal((1, 0), (bed.Limits("reply_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>What a rule only adds is not held.</summary>
    [Fact]
    public void Command_ThatARuleAddsToAndDoesNotHold_GoesOnAtOnce()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BehindCommand = "RSET\r\n"u8.ToArray());
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Run();
        Assert.Equal("EHLO c\r\nNOOP\r\nRSET\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>Only the chunk of the command that was refused is kept from the relay.</summary>
    [Fact]
    public void Chunk_BehindOneThatIsRefused_Passes()
    {
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Bdat] = static facts => facts.Commands > 2 ? null : static s =>
        {
            s.Withhold = true;
            s.Reply = static _ => [Say("451 injected\r\n")];
        };
        var bed = AtRest(faults);
        bed.Sim.Client.Says("BDAT 3\r\nabcBDAT 3\r\ndef").Awaits("503 no\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("def").Says("503 no\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\nBDAT 3\r\ndefQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("451 injected\r\n503 no\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public void Chunk_OfWhichARuleTakesTheRest_EndsAtThatOctet()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var faults = new FakeFaults { BodyOffset = 100 }
                .At(FaultPoint.DataBody, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Fin)]);
            var bed = AtRest(faults, seed);
            bed.Sim.Client.Says("BDAT 200 LAST\r\n" + new string('x', 200)).Waits(Second).Fin();
            bed.Sim.Relay.Waits(5 * Second).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("EHLO c\r\nBDAT 200 LAST\r\n" + new string('x', 100), bed.Sim.Relay.Heard);
            Assert.Equal(100, Assert.Single(faults.Injections).BodyOctets);
        }
    }

    /// <summary>The client goes on with AUTH, and its relay has been taken away meanwhile.</summary>
    [Fact]
    public void AuthStep_ForARelayThatIsGone_IsAnsweredHere()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Auth, static s => s.Reply = static real =>
            [new ReplyStep.Say(real), new ReplyStep.End(EndKind.Reset, Leg.Relay)]);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("AUTH LOGIN\r\n").Awaits("334 a\r\n").Says("dXNlcg==\r\n").Awaits(Closing).Fin();
        bed.Sim.Relay.Awaits("AUTH LOGIN\r\n").Says("334 a\r\n");
        bed.Sim.RunToEnd();
        Assert.EndsWith("334 a\r\n" + Closing, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((EndKind.Fin, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.Equal("EHLO c\r\nAUTH LOGIN\r\n", bed.Sim.Relay.Heard);
    }

    private static ReplyStep.Say Say(string text) => new(Encoding.ASCII.GetBytes(text));

    private static SessionBed Data(FakeFaults faults)
    {
        var bed = AtRest(faults);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 go\r\n");
        bed.Sim.Relay.Awaits("DATA\r\n").Says("250 a\r\n250 b\r\n354 go\r\n");
        return bed;
    }

    private static SessionBed AtRest(FakeFaults faults, int? seed = null)
    {
        var bed = new SessionBed(seed: seed, faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
