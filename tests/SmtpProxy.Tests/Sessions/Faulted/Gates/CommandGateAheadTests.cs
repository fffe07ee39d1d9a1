using System.Text;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What goes on while something else is waited for, and what is understood of what has gone on.</summary>
public sealed class CommandGateAheadTests
{
    private const string Auth = "AUTH PLAIN AGEAYg==\r\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A reply that is held holds no commands.</summary>
    [Fact]
    public void Command_InPieces_BehindAReplyThatIsHeld_GoesOnMeanwhile()
    {
        var bed = AtRest(new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = 10 * Second));
        bed.Sim.Client.Says("NOOP\r\nVR").Waits(2 * Second).Says("FY a\r\n").Awaits("252 a\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("VRFY a\r\n").Says("252 a\r\n").Fin();
        bed.Sim.Pass(5 * Second);
        Assert.Equal(("EHLO c\r\nNOOP\r\nVRFY a\r\n", false),
            (bed.Sim.Relay.Heard, bed.Sim.Client.Heard.EndsWith("250 noop\r\n", StringComparison.Ordinal)));
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n252 a\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>Something happens at a time, and commands wait for it: where the client half-closes they go on, and what they are is
    /// known at once, so that their replies come after what happens.</summary>
    [Fact]
    public void Reply_ToWhatHasGoneOnSinceTheClientHalfClosed_ComesAfterWhatHappens()
    {
        var bed = AtRest(Pausing().Behind(FaultPoint.Vrfy, static s => s.Reply = static _ => [Say("450 injected\r\n")]));
        bed.Sim.Client.Waits(6 * Second).Says("NOOP\r\nVRFY a\r\n").Fin();
        bed.Sim.Relay.Awaits("VRFY a\r\n").Says("250 noop\r\n252 a\r\n").Fin();
        bed.Sim.Pass(2 * Second);
        Assert.Equal("EHLO c\r\nNOOP\r\nVRFY a\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(["EHLO:250", "NOOP:250", "VRFY:450"], Exchanges(bed, "code"));
    }

    /// <summary>The same with an octet that was sent ahead of the reply to AUTH.</summary>
    [Fact]
    public void Octet_ThatHasGoneOnAheadOfAReply_WasSentAhead()
    {
        var bed = AtRest(Pausing());
        bed.Sim.Client.Waits(6 * Second).Says(Auth + "\n").Fin();
        bed.Sim.Relay.Awaits(Auth + "\n").Waits(20 * Second).Says("235 in\r\n500 what\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("235 in\r\n500 what\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("True", Exchanges(bed, "pipelined").Last()[^4..]);
    }

    /// <summary>Commands have gone on behind AUTH, and its reply is held in its midst when everything that is held is let go: they are
    /// read then, each once, and each reply is one that a rule can strike.</summary>
    [Fact]
    public void Commands_ThatHaveGoneOnBehindAReplyThatIsLetGo_AreReadAndGoOnOnce()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Vrfy, static s => s.Reply = static _ => [Say("450 injected\r\n")]);
        faults.Replies[FaultPoint.Auth] = static facts => facts.RelayCode != 235 ? null : static s =>
            s.Reply = static real => [new ReplyStep.Say(real), new ReplyStep.Pause(60 * Second)];
        var bed = AtRest(faults);
        const string Said = Auth + "NOOP\r\nVRFY a\r\n";
        bed.Sim.Client.Says(Said).Fin();
        bed.Sim.Relay.Awaits("VRFY a\r\n").Says("235 in\r\n");
        bed.Sim.Pass(5 * Second);
        bed.Host.DrainAsync(30 * Second);
        bed.Sim.Run();
        bed.Sim.Relay.Says("250 noop\r\n252 a\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\n" + Said, bed.Sim.Relay.Heard);
        Assert.Contains("STARTTLS\r\n235 in\r\n250 noop\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(["EHLO:250", "AUTH:235", "NOOP:250", "VRFY:450"], Exchanges(bed, "code"));
    }

    /// <summary>The same by a halt, and one of them makes the rest wait again.</summary>
    [Fact]
    public void Commands_ThatHaveGoneOnBehindTwoReplies_AreReadInTwoSteps()
    {
        var faults = new FakeFaults();
        faults.Replies[FaultPoint.Auth] = static facts => facts.RelayCode != 235 ? null : static s =>
            s.Reply = static real => [new ReplyStep.Say(real), new ReplyStep.Pause(60 * Second)];
        var bed = AtRest(faults);
        const string Said = Auth + "NOOP\r\n" + Auth + "VRFY a\r\n";
        bed.Sim.Client.Says(Said).Fin();
        bed.Sim.Relay.Awaits("VRFY a\r\n").Says("235 in\r\n");
        bed.Sim.Pass(5 * Second);
        faults.Halt();
        bed.Sim.Run();
        bed.Sim.Relay.Says("250 noop\r\n503 again\r\n252 a\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\n" + Said, bed.Sim.Relay.Heard);
        Assert.EndsWith("STARTTLS\r\n235 in\r\n250 noop\r\n503 again\r\n252 a\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(["EHLO:250", "AUTH:235", "NOOP:250", "AUTH:503", "VRFY:252"], Exchanges(bed, "code"));
    }

    /// <summary>A message that was sent ahead of the permission for it, and a half-close: its verdict is one that a rule can
    /// strike, however the message comes.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2)]
    public void Verdict_OnAMessageThatWasSentAhead_IsStruck(int? seed)
    {
        var bed = AtRest(new FakeFaults().Behind(FaultPoint.EndOfData, static s => s.Reply = static _ => [Say("450 injected\r\n")]), seed);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" + Dialogues.Body(1000) + ".\r\nQUIT\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 a\r\n250 b\r\n354 go\r\n250 queued\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("354 go\r\n450 injected\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>TLS that nobody asked for is no line, wherever a line end stands in it.</summary>
    [Fact]
    public void Tls_ThatNobodyAskedFor_IsNoLine()
    {
        var faults = new FakeFaults().At(FaultPoint.AuthStep, Refuse("450 injected\r\n"))
            .At(FaultPoint.AnyCommand, Refuse("451 injected\r\n"));
        var bed = AtRest(faults);
        const string Hello = "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cx\nx\nxxxxxxxx";
        bed.Sim.Client.Says(Hello).Waits(Second).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\n" + Hello, bed.Sim.Relay.Heard);
        Assert.Empty(faults.Injections);
    }

    /// <summary>In the middle of a line nothing begins, and what comes after the line is looked at.</summary>
    [Fact]
    public void Octets_ThatLookLikeTlsInALine_AreOfThatLine()
    {
        var bed = AtRest(new FakeFaults().At(FaultPoint.Noop, Refuse("450 injected\r\n")));
        var half = new string('x', 70_000);
        const string Rest = "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cxxx\r\n";
        bed.Sim.Client.Says(half);
        bed.Sim.Run();
        bed.Sim.Client.Says(Rest + "NOOP\r\n").Awaits("450 injected\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits(Rest).Says("500 too long\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal($"EHLO c\r\n{half}{Rest}QUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("500 too long\r\n450 injected\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>From the fifth second to the fifteenth something happens that answers nothing.</summary>
    private static FakeFaults Pausing() => new FakeFaults { Age = 5 * Second }
        .At(FaultPoint.Elapsed, static s => s.Reply = static _ => [new ReplyStep.Pause(10 * Second)]);

    private static ReplyStep.Say Say(string text) => new(Encoding.ASCII.GetBytes(text));

    private static Action<Strike> Refuse(string reply) => s =>
    {
        s.Withhold = true;
        s.Reply = _ => [Say(reply)];
    };

    private static IEnumerable<string> Exchanges(SessionBed bed, string what) =>
        bed.Record.GetProperty("exchanges").EnumerateArray().Select(e => $"{e.GetProperty("verb")}:{e.GetProperty(what)}");

    private static SessionBed AtRest(FakeFaults faults, int? seed = null)
    {
        var bed = new SessionBed(seed: seed, faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
