using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What the client says while something else has to come first, and when that is read.</summary>
public sealed class CommandGateReadTests
{
    private const string Hello = "\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cxxxxxxxxxxxx";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>TLS that nobody asked for goes to the relay at once. Where that answers it as a command, what comes next is struck as
    /// always.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Command_BehindTlsThatNobodyAskedFor_IsStruck(bool isBefore)
    {
        foreach (var seed in (int?[])[null, 1, 2, 3])
        {
            var faults = isBefore ? new FakeFaults().At(FaultPoint.Noop, Refuse("450 injected\r\n"))
                : new FakeFaults().Behind(FaultPoint.Noop, Rewrite("450 injected\r\n"));
            var bed = AtRest(faults, seed);
            bed.Sim.Client.Says(Hello);
            bed.Sim.Run();
            Assert.Equal("EHLO c\r\n" + Hello, bed.Sim.Relay.Heard);
            bed.Sim.Client.Says("\r\n").Awaits("500 what\r\n").Says("NOOP\r\n").Awaits("450 injected\r\n").Says("QUIT\r\n")
                .Awaits("221 bye\r\n").Fin();
            bed.Sim.Relay.Awaits("\r\n").Says("500 what\r\n");
            if (!isBefore)
            {
                bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n");
            }

            bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith("500 what\r\n450 injected\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.Equal(FaultPoint.Noop, Assert.Single(faults.Injections).Point);
        }
    }

    /// <summary>It has had its FIN, and speaks on: nobody hears that, and nobody answers.</summary>
    [Fact]
    public void Commands_AfterAFaultHasEndedTheSession_AreNoneOfIt()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Mail, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Fin)]);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\n").Waits(Second).Says("NOOP\r\nQUIT\r\n").Waits(Second).Fin();
        bed.Sim.Relay.Awaits("MAIL FROM:<a@b>\r\n").Says("250 a\r\n").Waits(5 * Second).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\nMAIL FROM:<a@b>\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(["EHLO", "MAIL"], Verbs(bed));
    }

    /// <summary>More commands than are looked at while the first is held, and the client has half-closed: all have gone on, and each
    /// reply is one that a rule can strike.</summary>
    [Fact]
    public void Reply_ToTheLastOfMoreCommandsThanMayWait_IsStruckAfterAHalfClose()
    {
        var held = false;
        var faults = new FakeFaults().Behind(FaultPoint.Quit, Rewrite("450 injected\r\n"));
        faults.Commands[FaultPoint.Noop] = _ => held ? null : s => (held, s.BeforeReply) = (true, 10 * Second);
        var bed = AtRest(faults);
        bed.Sim.Client.Says(string.Concat(Enumerable.Repeat("NOOP\r\n", 1000)) + "VRFY a\r\nQUIT\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says(string.Concat(Enumerable.Repeat("250 noop\r\n", 1000)) + "252 a\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 noop\r\n252 a\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal([null, 221], faults.Injections.Select(static i => i.Point == FaultPoint.Quit ? i.RelayCode : null));
    }

    /// <summary>The relay answers some of what waited to be understood while the first reply is held, and some after it: each reply is
    /// that of its own command.</summary>
    [Fact]
    public void Reply_ThatComesAfterOnesThatCameAhead_IsStruckInItsPlace()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Auth, static s => s.BeforeReply = 5 * Second)
            .Behind(FaultPoint.Quit, Rewrite("450 injected\r\n"));
        var bed = AtRest(faults);
        bed.Sim.Client.Says("AUTH PLAIN AGEAYg==\r\nNOOP\r\nQUIT\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("235 in\r\n250 noop\r\n").Waits(10 * Second).Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("235 in\r\n250 noop\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(["EHLO", "AUTH", "NOOP", "QUIT"], Verbs(bed));
    }

    /// <summary>A command that waited for a reply is the relay's to answer from when it is read, and the relay is who is late.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Relay_SilentToACommandThatHadWaited_IsWhoIsLate(bool halfCloses)
    {
        var bed = AtRest(new FakeFaults(), limits: new SessionLimits { Reply = 10 * Second, ClientIdle = 30 * Second });
        bed.Sim.Client.Says("AUTH PLAIN AGEAYg==\r\nNOOP\r\n");
        _ = halfCloses ? bed.Sim.Client.Fin() : bed.Sim.Client.Waits(60 * Second).Fin();
        bed.Sim.Relay.Awaits("AUTH PLAIN AGEAYg==\r\n").Says("235 in\r\n");
        bed.Sim.Pass(20 * Second);
        Assert.EndsWith("235 in\r\n421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard,
            StringComparison.Ordinal);
        Assert.Equal((1, 0), (bed.Limits("reply_timeout"), bed.Limits("idle_timeout")));
    }

    /// <summary>What came in pieces while a reply was awaited was sent ahead of it, and what came after it was not.</summary>
    [Fact]
    public void Command_AfterOneThatCameAheadInPieces_WasNotSentAhead()
    {
        var bed = AtRest(new FakeFaults());
        bed.Sim.Client.Says("AUTH PLAIN AGEAYg==\r\nN").Waits(Second).Says("O").Waits(Second).Says("O").Waits(Second).Says("P\r\n")
            .Awaits("250 noop\r\n").Says("VRFY a\r\n").Awaits("252 a\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("AUTH PLAIN AGEAYg==\r\n").Waits(10 * Second).Says("235 in\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n")
            .Awaits("VRFY a\r\n").Says("252 a\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(["EHLO False", "AUTH False", "NOOP True", "VRFY False", "QUIT False"],
            bed.Record.GetProperty("exchanges").EnumerateArray()
                .Select(static e => $"{e.GetProperty("verb")} {e.GetProperty("pipelined").GetBoolean()}"));
    }

    /// <summary>The same where the command before it had been held.</summary>
    [Fact]
    public void Command_OfWhichOneOctetCameAhead_BehindOneThatWasHeld_WasSentAhead()
    {
        var bed = AtRest(new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeForward = 5 * Second));
        bed.Sim.Client.Says("NOOP\r\nAUTH PLAIN AGEAYg==\r\nV").Awaits("235 in\r\n").Says("RFY a\r\n").Awaits("252 a\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("AUTH PLAIN AGEAYg==\r\n").Waits(Second).Says("235 in\r\n")
            .Awaits("VRFY a\r\n").Says("252 a\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("VRFY True", bed.Record.GetProperty("exchanges").EnumerateArray()
            .Select(static e => $"{e.GetProperty("verb")} {e.GetProperty("pipelined").GetBoolean()}").Last());
    }

    /// <summary>A line that passed as it came was no command that was answered ahead.</summary>
    [Fact]
    public void Reply_ThatComesAheadAfterALineThatPassedUnread_IsTakenForItsOwnCommands()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Auth, static s => s.BeforeReply = 5 * Second)
            .Behind(FaultPoint.Quit, Rewrite("450 injected\r\n"));
        var bed = AtRest(faults);
        bed.Sim.Client.Says(new string('x', 70_000)).Says("\r\n").Awaits("500 too long\r\n")
            .Says("AUTH PLAIN AGEAYg==\r\nNOOP\r\nQUIT\r\n").Fin();
        bed.Sim.Relay.Awaits("x\r\n").Says("500 too long\r\n").Awaits("QUIT\r\n").Says("235 in\r\n250 noop\r\n")
            .Waits(10 * Second).Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("235 in\r\n250 noop\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>What was hidden behind TLS that nobody asked for is answered before what comes after it.</summary>
    [Fact]
    public void Reply_ToACommandHiddenBehindTls_IsNotTakenForThatOfTheNext()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, Rewrite("450 injected\r\n"));
        var bed = AtRest(faults);
        bed.Sim.Client.Says(Hello + "\nVRFY a\r\n").Awaits("500 what\r\n").Says("NOOP\r\n").Awaits("450 injected\r\n").Fin();
        bed.Sim.Relay.Awaits("VRFY a\r\n").Says("500 what\r\n").Awaits("NOOP\r\n").Says("252 a\r\n250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("500 what\r\n252 a\r\n450 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(250, Assert.Single(faults.Injections).RelayCode);
    }

    /// <summary>A command by which the client would stand elsewhere than its relay goes there in secret, and its reply to nobody.</summary>
    [Theory]
    [InlineData("RSET", FaultPoint.Rset)]
    [InlineData("QUIT", FaultPoint.Quit)]
    public void Command_ThatIsAnsweredHereAndEndsSomething_GoesToTheRelayInSecret(string command, FaultPoint point)
    {
        var struck = false;
        var faults = new FakeFaults();
        faults.Commands[point] = _ => struck ? null : s =>
        {
            struck = true;
            Refuse("450 injected\r\n")(s);
        };
        var bed = AtRest(faults);
        bed.Sim.Client.Says(command + "\r\n").Awaits("450 injected\r\n").Says("NOOP\r\n").Awaits("250 noop\r\n").Fin();
        bed.Sim.Relay.Awaits(command + "\r\n").Says("250 hidden\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal($"EHLO c\r\n{command}\r\nNOOP\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("STARTTLS\r\n450 injected\r\n250 noop\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>A rule that waits for an age has the age of the command at hand.</summary>
    [Fact]
    public void Command_IsAskedAbout_WithTheAgeOfTheSessionAtThatMoment()
    {
        var age = TimeSpan.Zero;
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Noop] = facts =>
        {
            age = facts.Elapsed;
            return null;
        };
        var bed = AtRest(faults);
        bed.Sim.Client.Waits(10 * Second).Says("NOOP\r\n").Awaits("250 noop\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.InRange(age.TotalSeconds, 10, 10.1);
    }

    private static IEnumerable<string?> Verbs(SessionBed bed) =>
        bed.Record.GetProperty("exchanges").EnumerateArray().Select(static e => e.GetProperty("verb").GetString());

    private static Action<Strike> Rewrite(string reply) => s => s.Reply = _ => [new ReplyStep.Say(Encoding.ASCII.GetBytes(reply))];

    private static Action<Strike> Refuse(string reply) => s =>
    {
        s.Withhold = true;
        s.Reply = _ => [new ReplyStep.Say(Encoding.ASCII.GetBytes(reply))];
    };

    private static SessionBed AtRest(FakeFaults faults, int? seed = null, SessionLimits? limits = null)
    {
        var bed = new SessionBed(limits, seed, faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
