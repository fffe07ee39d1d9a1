using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What an end leaves for what comes after it, and what another relay inherits.</summary>
public sealed class FaultWireEndTests
{
    private const string Closing = "421 4.3.2 Service not available, closing transmission channel\r\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>The relay's end was told late, since a reply was held: no rule is asked after it.</summary>
    [Fact]
    public void Command_AfterTheRelaysEnd_ThatWasToldLate_IsNotAskedAbout()
    {
        var asked = 0;
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = 5 * Second);
        faults.Commands[FaultPoint.Vrfy] = _ =>
        {
            asked++;
            return null;
        };
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits("250 noop\r\n").Waits(Second).Says("VRFY a\r\n").Waits(Second).Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(0, asked);
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }

    /// <summary>A rule takes the relay in one way, and ends the session in another: each side has the end that is meant for it.</summary>
    [Theory]
    [InlineData(EndKind.Fin, EndKind.Reset)]
    [InlineData(EndKind.Reset, EndKind.Fin)]
    [InlineData(EndKind.Fin, EndKind.Fin)]
    [InlineData(EndKind.Reset, EndKind.Reset)]
    public void Relay_TakenBeforeTheSessionEnds_HasTheEndThatTheRuleGaveIt(EndKind relay, EndKind all)
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Elapsed, s =>
        {
            (s.Withhold, s.AbortRelay) = (true, relay);
            s.Reply = _ => [new ReplyStep.End(all)];
        });
        var bed = AtRest(faults);
        bed.Sim.Client.Waits(20 * Second).Fin();
        bed.Sim.Pass(6 * Second);
        Assert.Equal((relay, all), (bed.Sim.Relay.End, bed.Sim.Client.End));
    }

    /// <summary>A time told the client that it may send its message, and then its end is withheld: the command that the relay never
    /// answered is answered here, and the session ends.</summary>
    [Fact]
    public void Command_OwedByARelayThatIsTakenAtTheEndOfData_IsAnsweredHere()
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Elapsed, static s => s.Reply = static _ => [Say("354 own\r\n")])
            .At(FaultPoint.EndOfData, static s =>
            {
                (s.Withhold, s.AbortRelay) = (true, EndKind.Reset);
                s.Reply = static _ => [Say("250 injected\r\n")];
            });
        var bed = AtRest(faults);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 own\r\n").Says("x\r\n.\r\n").Waits(Second).Fin();
        bed.Sim.Relay.Awaits("DATA\r\n").Says("250 a\r\n250 b\r\n");
        bed.Sim.Pass(10 * Second);
        Assert.EndsWith("354 own\r\n" + Closing, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((EndKind.Fin, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
    }

    /// <summary>Each message in chunks is counted by itself, and all chunks of it together.</summary>
    [Fact]
    public void Octet_AtWhichARuleStrikes_IsThatOfEachMessageInChunks()
    {
        var faults = new FakeFaults { BodyOffset = 100 }.At(FaultPoint.DataBody, static s => s.BeforeForward = Second);
        var bed = AtRest(faults);
        var (first, last) = ("BDAT 70\r\n" + new string('x', 70), "BDAT 80 LAST\r\n" + new string('y', 80));
        var all = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n" + first + last;
        bed.Sim.Client.Says(all).Awaits("250 one\r\n").Says(all).Awaits("250 two\r\n").Fin();
        bed.Sim.Relay.Awaits(last).Says("250 a\r\n250 b\r\n250 c\r\n250 one\r\n")
            .Awaits(last).Says("250 a\r\n250 b\r\n250 c\r\n250 two\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\n" + all + all, bed.Sim.Relay.Heard);
        Assert.Equal([100, 100], faults.Injections.Select(static i => i.BodyOctets));
    }

    /// <summary>A rule was armed where nothing was half said: it looks at what comes next, whatever the relay says meanwhile.</summary>
    [Fact]
    public void Rule_ArmedAtRest_LooksAtTheNextCommand_ThoughTheRelayHasBegunToSpeak()
    {
        var faults = new FakeFaults { IsArmed = false }.At(FaultPoint.Noop, static s =>
        {
            s.Withhold = true;
            s.Reply = static _ => [Say("450 injected\r\n")];
        });
        var bed = AtRest(faults);
        bed.Sim.Run();
        faults.IsArmed = true;
        faults.Change();
        bed.Sim.Run();
        bed.Sim.Relay.Says("421-so");
        bed.Sim.Run();
        bed.Sim.Client.Says("NOOP\r\n").Waits(Second).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(FaultPoint.Noop, Assert.Single(faults.Injections).Point);
    }

    /// <summary>The speed was limited from the connection on: the relay that takes the place of one that left is no exception.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Speed_LimitedAtTheConnection_IsThatOfWhicheverRelayServes(int relays)
    {
        var faults = new FakeFaults()
            .At(FaultPoint.Connect, static s => s.Throttle = new ThrottleSpec(10, 10, FromClient: true, FromRelay: false));
        var bed = new SessionBed(relays: relays, faults: faults);
        if (relays == 2)
        {
            bed.Sim.Relays(0).Fin();
        }

        var command = $"NOOP {new string('x', 93)}\r\n";
        bed.Sim.Client.Awaits("220 mx\r\n").Says(command).Awaits("250 noop\r\n").Fin();
        bed.Sim.Relays(relays - 1).Says("220 mx\r\n").Awaits(command).Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(command, bed.Sim.Relays(relays - 1).Heard);
        Assert.InRange(bed.Sim.Elapsed.TotalSeconds, 8.5, 10);
    }

    /// <summary>A client that resets leaves nothing that the relay would have to wait for.</summary>
    [Fact]
    public void Relay_OfAClientThatResetsWhileItsOctetsAreSlowedDown_IsResetAtOnce()
    {
        var faults = new FakeFaults()
            .At(FaultPoint.Noop, static s => s.Throttle = new ThrottleSpec(10, 10, FromClient: true, FromRelay: true));
        var bed = AtRest(faults);
        bed.Sim.Client.Says($"NOOP {new string('x', 93)}\r\n");
        bed.Sim.Pass(2 * Second);
        bed.Sim.Client.EndsNow(EndKind.Reset);
        bed.Sim.Run();
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.InRange(bed.Sim.Relay.Heard.Length, 8 + 28, 8 + 32);
    }

    /// <summary>A relay that is taken gets no more of what was slowed down, and the client does not wait until it would have.</summary>
    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Command_BehindOctetsForARelayThatIsTaken_IsAnsweredAtOnce(EndKind how)
    {
        var faults = new FakeFaults { Age = 5 * Second }
            .At(FaultPoint.Noop, static s => s.Throttle = new ThrottleSpec(10, 10, FromClient: true, FromRelay: false))
            .At(FaultPoint.Elapsed, s => (s.Withhold, s.AbortRelay) = (true, how));
        var bed = AtRest(faults);
        bed.Sim.Client.Says($"NOOP {new string('x', 9_993)}\r\n").Waits(10 * Second).Says("RSET\r\n").Waits(Second).Fin();
        bed.Sim.Pass(20 * Second);
        Assert.EndsWith("STARTTLS\r\n" + Closing, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((EndKind.Fin, how), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.InRange(bed.Sim.Relay.Heard.Length, 40, 80);
    }

    /// <summary>A dot that is withheld ends the relay by RST, unless the rule says otherwise: it must not take a message that ends with the
    /// connection.</summary>
    [Theory]
    [InlineData(null, EndKind.Reset)]
    [InlineData(EndKind.Fin, EndKind.Fin)]
    public void Relay_WhoseDotIsWithheld_IsEndedByReset_UnlessTheRuleSaysOtherwise(EndKind? abort, EndKind end)
    {
        var bed = AtRest(new FakeFaults().At(FaultPoint.EndOfData, s =>
        {
            (s.Withhold, s.AbortRelay) = (true, abort);
            s.Reply = static _ => [Say("550 injected\r\n")];
        }));
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n").Awaits("354 c\r\n").Says("x\r\n.\r\n").Awaits("550 ")
            .Awaits("\r\n").Fin();
        bed.Sim.Relay.Awaits("DATA\r\n").Says("250 a\r\n250 b\r\n354 c\r\n").Waits(Second).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(end, bed.Sim.Relay.End);
        Assert.EndsWith("354 c\r\n550 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.EndsWith("DATA\r\nx\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
    }

    /// <summary>A fleet is asked about two times at once: both strike when it has answered, each once.</summary>
    [Fact]
    public void Times_AboutWhichAFleetIsAskedAtOnce_StrikeBoth()
    {
        var faults = new FakeFaults
        {
            MayAsk = true, Late = FaultPoint.Idle, AlsoLate = FaultPoint.Elapsed, IdleAfter = 5 * Second, Age = 8 * Second,
        }.At(FaultPoint.Idle, static s => s.Reply = static _ => [Say("250 idle\r\n")])
            .At(FaultPoint.Elapsed, static s => s.Reply = static _ => [Say("250 elapsed\r\n")]);
        var bed = AtRest(faults);
        bed.Sim.Pass(20 * Second);
        Assert.Empty(faults.Injections);
        faults.Answer();
        bed.Sim.Run();
        Assert.Equal([FaultPoint.Idle, FaultPoint.Elapsed], faults.Injections.Select(static i => i.Point));
    }

    /// <summary>What a client says in the clear behind STARTTLS is nothing inside TLS, with faults armed too (CVE-2011-0411).</summary>
    [Theory]
    [InlineData("NOOP\r\n")]
    [InlineData("NO")]
    public void Words_InTheClearBehindStartTls_AreNoneInsideTls(string words)
    {
        foreach (var watched in (FaultPoint?[])[null, FaultPoint.Noop, FaultPoint.StartTls])
        {
            var faults = new FakeFaults();
            if (watched is { } point)
            {
                faults.Commands[point] = static _ => null;
            }

            var bed = new SessionBed(faults: faults, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls },
                relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n").Awaits("VRFY b\r\n").Says("252 b\r\n")
                .Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 ").Awaits("\r\n").Says("STARTTLS\r\n" + words)
                .Awaits("220 ").Awaits("\r\n").Shakes().Says("VRFY b\r\n").Awaits("252 b\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("EHLO c\r\nVRFY b\r\n", bed.Sim.Relay.Heard);
        }
    }

    private static ReplyStep.Say Say(string text) => new(Encoding.ASCII.GetBytes(text));

    private static SessionBed AtRest(FakeFaults faults)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
