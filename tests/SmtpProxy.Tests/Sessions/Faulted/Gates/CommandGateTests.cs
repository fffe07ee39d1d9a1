using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>How what the client says goes on where rules may look at it, and when it waits.</summary>
public sealed class CommandGateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A line is kept until it is whole only where somebody may strike it.</summary>
    [Theory]
    [InlineData(null, "EHLO c\r\nNO")]
    [InlineData(FaultPoint.Quit, "EHLO c\r\n")]
    [InlineData(FaultPoint.AnyCommand, "EHLO c\r\n")]
    public void HalfALine_GoesOnAsItComes_UnlessARuleWaitsForACommand(FaultPoint? watched, string heard)
    {
        var faults = new FakeFaults();
        if (watched is { } point)
        {
            faults.Commands[point] = static _ => null;
        }

        var bed = AtRest(faults);
        bed.Sim.Client.Says("NO");
        bed.Sim.Run();
        Assert.Equal(heard, bed.Sim.Relay.Heard);
        bed.Sim.Client.Says("OP\r\nNOOP\r\nQUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 one\r\n250 two\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\nNOOP\r\nNOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(["EHLO:250", "NOOP:250", "NOOP:250", "QUIT:221"], Exchanges(bed));
    }

    /// <summary>What the client was not shown is answered here, so that lines have to be whole.</summary>
    [Fact]
    public void HalfALine_OfAClientThatWasShownOtherCapabilities_IsKept()
    {
        var bed = AtRest(new FakeFaults().Behind(FaultPoint.Ehlo, static s => s.Capabilities = new CapabilityEdits(["STARTTLS"], null)));
        bed.Sim.Client.Says("STARTT").Waits(Second).Says("LS\r\n").Awaits("502").Awaits("\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n")
            .Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\nQUIT\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>A line that is too long for a command passes as it comes, however it is cut, and the next is looked at again.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2)]
    public void Line_LongerThanAnyCommand_PassesAsItComes_AndTheNextIsStruck(int? seed)
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, Refuse("450 injected\r\n"));
        var bed = AtRest(faults, seed);
        var half = new string('x', 70_000);
        bed.Sim.Client.Says(half);
        bed.Sim.Run();
        Assert.Equal("EHLO c\r\n" + half, bed.Sim.Relay.Heard);
        bed.Sim.Client.Says("y\r\nNOOP\r\n").Awaits("450 injected\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n")
            .Fin();
        bed.Sim.Relay.Awaits("y\r\n").Says("500 too long\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal($"EHLO c\r\n{half}y\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("500 too long\r\n450 injected\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>So many replies may be expected, and no more: what comes after waits for some of them.</summary>
    [Fact]
    public void Commands_BehindAReplyThatIsHeld_GoOnUpToAThousand()
    {
        var held = false;
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Noop] = _ => held ? null : s => (held, s.BeforeReply) = (true, 10 * Second);
        var bed = AtRest(faults);
        var all = string.Concat(Enumerable.Repeat("NOOP\r\n", 1500));
        bed.Sim.Client.Says(all).Awaits(string.Concat(Enumerable.Repeat("250 noop\r\n", 1500))).Says("QUIT\r\n").Awaits("221 bye\r\n")
            .Fin();
        bed.Sim.Relay.Awaits(all[..6000]).Says(string.Concat(Enumerable.Repeat("250 noop\r\n", 1000)))
            .Awaits(all[6000..]).Says(string.Concat(Enumerable.Repeat("250 noop\r\n", 500))).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Pass(9 * Second);
        Assert.Equal("EHLO c\r\n" + all[..6000], bed.Sim.Relay.Heard);
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\n" + all + "QUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>A client that sends all it has ahead of the replies, and half-closes: its commands are the relay's to answer, and a rule
    /// that
    /// waits for one of the replies strikes that one.</summary>
    [Theory]
    [InlineData(FaultPoint.Noop, "334 a\r\n334 b\r\n235 in\r\n450 injected\r\n221 bye\r\n", 250)]
    [InlineData(FaultPoint.Quit, "334 a\r\n334 b\r\n235 in\r\n250 noop\r\n450 injected\r\n", 221)]
    public void Reply_ToWhatWasSentAheadOfSasl_IsStruckInItsPlace(FaultPoint point, string heard, int code)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var faults = new FakeFaults().Behind(point, Rewrite("450 injected\r\n"));
            var bed = AtRest(faults, seed);
            bed.Sim.Client.Says("AUTH LOGIN\r\neA==\r\neQ==\r\nNOOP\r\nQUIT\r\n").Fin();
            bed.Sim.Relay.Awaits("AUTH LOGIN\r\n").Says("334 a\r\n").Awaits("eA==\r\n").Says("334 b\r\n").Awaits("eQ==\r\n")
                .Says("235 in\r\n")
                .Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith("STARTTLS\r\n" + heard, bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.Equal((450, code), (Assert.Single(faults.Injections).ClientCode, faults.Injections[0].RelayCode));
        }
    }

    /// <summary>The end of the client's direction waits for what is held, and comes after it.</summary>
    [Fact]
    public void Fin_BehindACommandThatIsHeld_ComesAfterIt()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = 10 * Second);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\nVRFY a\r\nQU").Fin();
        bed.Sim.Relay.Awaits("VRFY a\r\n").Says("250 noop\r\n252 a\r\n").Fin();
        bed.Sim.Pass(9 * Second);
        Assert.Equal(("EHLO c\r\n", (EndKind?)null), (bed.Sim.Relay.Heard, bed.Sim.Relay.End));
        bed.Sim.RunToEnd();
        Assert.Equal(("EHLO c\r\nNOOP\r\nVRFY a\r\nQU", EndKind.Fin), (bed.Sim.Relay.Heard, bed.Sim.Relay.End));
        Assert.EndsWith("250 noop\r\n252 a\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>A client that resets leaves nothing to be forwarded; what it had said is known, all the same.</summary>
    [Fact]
    public void Reset_WhileACommandIsHeld_NothingOfItGoesOn()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = 10 * Second);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\nVRFY a\r\n").Waits(4 * Second).Resets();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.Equal(["EHLO:250", "NOOP:", "VRFY:"], Exchanges(bed));
        Assert.InRange(Assert.Single(faults.Injections).AddedDelay.TotalSeconds, 3.9, 4.1);
    }

    private static SessionBed AtRest(FakeFaults faults, int? seed = null)
    {
        var bed = new SessionBed(seed: seed, faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }

    private static IEnumerable<string> Exchanges(SessionBed bed) =>
        bed.Record.GetProperty("exchanges").EnumerateArray().Select(static e => $"{e.GetProperty("verb")}:{e.GetProperty("code")}");

    private static Action<Strike> Refuse(string reply) => s =>
    {
        s.Withhold = true;
        s.Reply = _ => [new ReplyStep.Say(System.Text.Encoding.ASCII.GetBytes(reply))];
    };

    private static Action<Strike> Rewrite(string reply) => s =>
        s.Reply = _ => [new ReplyStep.Say(System.Text.Encoding.ASCII.GetBytes(reply))];
}
