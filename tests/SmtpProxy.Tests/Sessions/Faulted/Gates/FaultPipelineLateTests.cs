using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>Replies of a relay about which a fleet is asked, that are too long to be looked at, or that the relay does not give any
/// more.</summary>
public sealed class FaultPipelineLateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>It waits for the answer, and nobody is late meanwhile.</summary>
    [Fact]
    public void Reply_AboutWhichAFleetIsAsked_WaitsForTheAnswer_AndIsStruck()
    {
        var faults = Asked();
        var bed = Noop(faults, "450 injected\r\n");
        bed.Sim.Pass(TimeSpan.FromHours(1));
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.True(faults.IsAsking(FaultPoint.Noop));
        faults.Answer();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n450 injected\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((450, 250), (Assert.Single(faults.Injections).ClientCode, faults.Injections[0].RelayCode));
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>A halt, a stop and the relay's end wait for no answer: the reply passes as it is, and nothing is asked any more.</summary>
    [Theory]
    [InlineData("halt")]
    [InlineData("stop")]
    [InlineData("relay ends")]
    [InlineData("relay resets")]
    public void Reply_AboutWhichAFleetIsAsked_IsLetGoWhereNothingMayWait(string what)
    {
        var faults = Asked();
        var bed = Noop(faults, "250 noop\r\n");
        bed.Sim.Pass(5 * Second);
        switch (what)
        {
            case "halt":
                faults.Halt();
                break;
            case "stop":
                bed.Host.DrainAsync(30 * Second);
                break;
            default:
                bed.Sim.Relay.EndsNow(what == "relay ends" ? EndKind.Fin : EndKind.Reset);
                break;
        }

        bed.Sim.Pass(Second);
        Assert.Contains("STARTTLS\r\n250 noop\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.False(faults.IsAsking(FaultPoint.Noop));
        bed.Sim.Client.EndsNow(EndKind.Reset);
        bed.Sim.RunToEnd();
        Assert.Empty(faults.Injections);
        Assert.Equal("NOOP:250", bed.Record.GetProperty("exchanges").EnumerateArray().Skip(1)
            .Select(static e => $"{e.GetProperty("verb")}:{e.GetProperty("code")}").First());
    }

    /// <summary>More than is kept: it passes unchanged, and what had struck its command is recorded.</summary>
    [Theory]
    [InlineData(1000, true)]
    [InlineData(6000, false)]
    public void Reply_ThatIsLongerThanWhatIsKept_PassesUnchanged(int lines, bool isStruck)
    {
        var reply = string.Concat(Enumerable.Repeat("214-a line of a long text\r\n", lines)) + "214 end\r\n";
        var faults = new FakeFaults().At(FaultPoint.AnyCommand, static s => s.BeforeForward = Second)
            .Behind(FaultPoint.AnyCommand, static s => s.Reply = static _ => [Say("450 injected\r\n")]);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("HELP\r\n").Awaits(isStruck ? "450 injected\r\n" : reply).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("HELP\r\n").Says(reply).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n" + (isStruck ? "450 injected\r\n" : reply) + "221 bye\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal(isStruck ? "450/214 450/214" : "/", string.Join(' ',
            faults.Injections.Select(static i => $"{i.ClientCode}/{i.RelayCode}")));
    }

    /// <summary>A fault takes the relay in the middle of a message: what is left of that goes nowhere, and its end is answered
    /// here.</summary>
    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Relay_TakenInAMessage_GetsNoMoreOfIt_AndTheClientIsToldAtItsEnd(EndKind how)
    {
        var faults = new FakeFaults { BodyOffset = 100 }.At(FaultPoint.DataBody, s => s.AbortRelay = how);
        var body = Dialogues.Body(1000);
        for (var seed = 0; seed < 5; seed++)
        {
            // A reset takes what the relay's kernel has not taken yet with it.
            var bed = AtRest(faults, how == EndKind.Fin ? seed : null);
            bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 go\r\n").Says(body + ".\r\n")
                .Awaits("421").Awaits("\r\n").Fin();
            bed.Sim.Relay.Awaits("DATA\r\n").Says("250 a\r\n250 b\r\n354 go\r\n").Awaits(body[..100]).Waits(Second).Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith("DATA\r\n" + body[..100], bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(how, bed.Sim.Relay.End);
            Assert.EndsWith("354 go\r\n421 4.3.2 Service not available, closing transmission channel\r\n", bed.Sim.Client.Heard,
                StringComparison.Ordinal);
            Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        }

        Assert.All(faults.Injections, static i => Assert.Equal((100, (int?)null), (i.BodyOctets, i.RelayCode)));
        Assert.Equal(5, faults.Injections.Count);
    }

    /// <summary>A fleet is asked in the middle of a message, and at its end: what comes after waits for the answer.</summary>
    [Theory]
    [InlineData(FaultPoint.DataBody, 100)]
    [InlineData(FaultPoint.EndOfData, int.MaxValue)]
    public void Message_AboutWhichAFleetIsAsked_GoesOnWhenItHasAnswered(FaultPoint late, int reached)
    {
        var faults = new FakeFaults { BodyOffset = 100, MayAsk = true, Late = late }.At(late, static s => s.BeforeForward = 5 * Second);
        var body = Dialogues.Body(1000);
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, body);
        bed.Sim.Pass(TimeSpan.FromHours(1));
        Assert.EndsWith("DATA\r\n" + body[..Math.Min(reached, body.Length)], bed.Sim.Relay.Heard, StringComparison.Ordinal);
        faults.Answer();
        bed.Sim.Pass(4 * Second);
        Assert.EndsWith("DATA\r\n" + body[..Math.Min(reached, body.Length)], bed.Sim.Relay.Heard, StringComparison.Ordinal);
        bed.Sim.RunToEnd();
        Assert.Equal(Dialogues.ClientOf(body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.InRange(Assert.Single(faults.Injections).AddedDelay.TotalSeconds, 4.9, 5.1);
    }

    /// <summary>A client that half-closes in its message: what was kept back, since it might have been the end, goes too.</summary>
    [Theory]
    [InlineData(".")]
    [InlineData(".\r")]
    [InlineData("")]
    [InlineData("\r\n..")]
    public void Message_ThatIsCutOff_PassesAsFarAsItCame(string end)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var bed = AtRest(new FakeFaults().At(FaultPoint.EndOfData, static s => s.BeforeForward = TimeSpan.FromHours(1)), seed);
            bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 go\r\n").Says("some text\r\n" + end).Fin();
            bed.Sim.Relay.Awaits("DATA\r\n").Says("250 a\r\n250 b\r\n354 go\r\n").Awaits("some text\r\n" + end).Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith("DATA\r\nsome text\r\n" + end, bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        }
    }

    /// <summary>A chunk that is refused goes nowhere, and what comes after it is looked at again.</summary>
    [Fact]
    public void Chunk_ThatIsRefused_IsNotForwarded_AndTheNextIs()
    {
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Bdat] = static facts => facts.BodyOctets > 0 ? null : static s =>
        {
            s.Withhold = true;
            s.Reply = static _ => [Say("451 injected\r\n")];
        };
        var bed = AtRest(faults);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n").Awaits("250 b\r\n").Says("BDAT 5\r\n12345").Awaits("451 injected\r\n")
            .Says("NOOP\r\nQUIT\r\n")
            .Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("RCPT TO:<c@d>\r\n").Says("250 a\r\n250 b\r\n").Awaits("RSET\r\n").Says("250 reset\r\n").Awaits("QUIT\r\n")
            .Says("250 noop\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("RCPT TO:<c@d>\r\nRSET\r\nNOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.EndsWith("250 a\r\n250 b\r\n451 injected\r\n250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>A limit of speed that a rule sets anywhere counts from there on, in the direction that it names, until a halt.</summary>
    [Theory]
    [InlineData(FaultPoint.Noop, true)]
    [InlineData(FaultPoint.DataBody, false)]
    [InlineData(FaultPoint.EndOfData, true)]
    [InlineData(FaultPoint.Mail, true)]
    [InlineData(FaultPoint.Elapsed, false)]
    public void Speed_ThatARuleLimits_IsThatOfTheDirectionItNames_UntilAHalt(FaultPoint point, bool isReply)
    {
        foreach (var halts in (bool[])[false, true])
        {
            var faults = new FakeFaults { BodyOffset = 5, Age = point == FaultPoint.Elapsed ? Second : null };
            Action<Strike> throttle = static s => s.Throttle = new ThrottleSpec(10, 10, FromClient: false, FromRelay: true);
            _ = isReply ? faults.Behind(point, throttle) : faults.At(point, throttle);
            var bed = AtRest(faults);
            bed.Sim.Client.Says("NOOP\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 go\r\n").Says("some text\r\n.\r\n")
                .Waits(2 * Second).Says("VRFY a\r\n").Awaits("end\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
            bed.Sim.Relay.Awaits("DATA\r\n").Says("250 n\r\n250 a\r\n250 b\r\n354 go\r\n").Awaits("\r\n.\r\n").Says("250 queued\r\n")
                .Awaits("VRFY a\r\n").Says(string.Concat(Enumerable.Repeat("252-a name\r\n", 100)) + "252 end\r\n").Awaits("QUIT\r\n")
                .Says("221 bye\r\n").Fin();
            bed.Sim.Pass(30 * Second);
            Assert.EndsWith("VRFY a\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.DoesNotContain("end\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
            if (halts)
            {
                faults.Halt();
            }

            bed.Sim.RunToEnd();
            Assert.EndsWith("252 end\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.InRange(bed.Sim.Elapsed.TotalSeconds, halts ? 30 : 100, halts ? 33 : 200);
        }
    }

    private static FakeFaults Asked() => new FakeFaults { MayAsk = true, Late = FaultPoint.Noop }
        .Behind(FaultPoint.Noop, static s => s.Reply = static _ => [Say("450 injected\r\n")]);

    private static SessionBed Noop(FakeFaults faults, string awaited)
    {
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits(awaited).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        return bed;
    }

    private static ReplyStep.Say Say(string text) => new(Encoding.ASCII.GetBytes(text));

    private static SessionBed AtRest(FakeFaults faults, int? seed = null)
    {
        var bed = new SessionBed(seed: seed, faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
