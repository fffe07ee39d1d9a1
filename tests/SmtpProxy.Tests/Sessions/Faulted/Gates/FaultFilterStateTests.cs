using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>What is left of one state in the next: another relay, TLS, a relay that was taken, an end that has begun.</summary>
public sealed class FaultFilterStateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Nothing of what the relay before it said is taken for its own.</summary>
    [Theory]
    [InlineData("554-no\r\n")]
    [InlineData("220-left\r\n")]
    [InlineData("220-left\r\n22")]
    public void Relay_AfterOneThatFellSilentInItsGreeting_IsReadFromItsBeginning(string said)
    {
        var codes = new List<int?>();
        var faults = new FakeFaults();
        faults.Replies[FaultPoint.Greeting] = facts =>
        {
            codes.Add(facts.RelayCode);
            return Rewrite("220 injected\r\n");
        };
        var bed = new SessionBed(relays: 2, faults: faults);
        bed.Sim.Relays(0).Says(said);
        bed.Sim.Relays(1).Says("221 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 injected\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 injected\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal([221], codes);
    }

    /// <summary>The first relay's end is nothing to the session with the second, whose commands are struck as always.</summary>
    [Fact]
    public void Command_ForARelayThatTookThePlaceOfOneThatLeft_IsStruck()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s =>
        {
            s.Withhold = true;
            s.Reply = static _ => [new ReplyStep.Say("450 injected\r\n"u8.ToArray())];
        });
        var bed = new SessionBed(relays: 2, faults: faults);
        bed.Sim.Relays(0).Fin();
        bed.Sim.Relays(1).Says("220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n").Awaits("450 injected\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n450 injected\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal("QUIT\r\n", bed.Sim.Relays(1).Heard);
    }

    /// <summary>The relay has left, and its client knows: no rule can tell that anything more, and none is asked.</summary>
    [Fact]
    public void Command_AfterTheRelaysEnd_IsNotAskedAbout()
    {
        var asked = 0;
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Noop] = _ =>
        {
            asked++;
            return null;
        };
        var bed = AtRest(faults);
        bed.Sim.Run();
        bed.Sim.Relay.Fin();
        bed.Sim.Run();
        bed.Sim.Client.Says("NOOP\r\n").Waits(Second).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(0, asked);
    }

    /// <summary>Of what the client said in the clear no rule knows inside TLS (RFC 3207, section 4.2).</summary>
    [Fact]
    public void Facts_InsideTls_AreOfWhatWasSaidThere()
    {
        var seen = new List<string>();
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Vrfy] = facts =>
        {
            seen.Add($"{facts.HeloName ?? "-"} {facts.MailFrom ?? "-"} {facts.RecipientCount} {facts.IsTlsTerminated} {facts.IsOpaque}");
            return null;
        };
        // Of this transaction the relay knows nothing, so that STARTTLS does not come too late.
        faults.At(FaultPoint.Mail, Refuse("250 injected\r\n")).At(FaultPoint.Rcpt, Refuse("250 injected\r\n"));
        var bed = new SessionBed(faults: faults, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls },
            relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n")
            .Awaits("VRFY a\r\n").Says("252 a\r\n").Awaits("VRFY b\r\n").Says("252 b\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 ").Awaits("\r\n")
            .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nVRFY a\r\n").Awaits("252 a\r\n")
            .Says("STARTTLS\r\n").Awaits("220 ").Awaits("\r\n").Shakes().Says("VRFY b\r\n").Awaits("252 b\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(["c a@b 1 False False", "- - 0 True False"], seen);
    }

    /// <summary>TLS that nobody asked for, and that the relay answered as a command, is none.</summary>
    [Fact]
    public void Facts_AfterTlsThatWasNone_AreOfADialogueThatIsFollowed()
    {
        var seen = new List<bool>();
        var faults = new FakeFaults();
        faults.Commands[FaultPoint.Vrfy] = facts =>
        {
            seen.Add(facts.IsOpaque);
            return null;
        };
        var bed = AtRest(faults);
        bed.Sim.Client.Says("\u0016\u0003\u0001\u0000\u0010\u0001\u0000\u0000\u000cxxxxxxxxxxxx\r\n").Awaits("500 what\r\n")
            .Says("VRFY a\r\n").Awaits("252 a\r\n").Fin();
        bed.Sim.Relay.Awaits("xx\r\n").Says("500 what\r\n").Awaits("VRFY a\r\n").Says("252 a\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal([false], seen);
    }

    /// <summary>A fault has taken the relay by FIN, and that closes, as it should: for the client it goes on, and what it hears is the
    /// fault's doing.</summary>
    [Fact]
    public void Relay_ThatClosesAfterAFaultHasTakenIt_EndsNothingForTheClient()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Mail, static s =>
            s.Reply = static real => [new ReplyStep.Say(real), new ReplyStep.End(EndKind.Fin, Leg.Relay)]);
        var bed = AtRest(faults);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\n").Awaits("250 a\r\n").Waits(5 * Second).Says("NOOP\r\n").Awaits("250 2.0.0 Ok\r\n")
            .Says("QUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
        bed.Sim.Relay.Awaits("MAIL FROM:<a@b>\r\n").Says("250 a\r\n").Waits(Second).Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 a\r\n250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(1, metrics.Sum("smtpproxy.replies", "smtp.operation.name=noop", "smtpproxy.origin=fault"));
        Assert.Equal(0, metrics.Sum("smtpproxy.replies", "smtp.operation.name=noop", "smtpproxy.origin=relay"));
    }

    /// <summary>What the relay says while the client shakes hands answers nothing, and nobody can say after that what does: no reply is
    /// struck, and who would speak for others has no answer of the proxy's, which would stand in another's place.</summary>
    [Fact]
    public void Replies_AfterWordsDuringTheHandshake_AreNobodysToChange()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, Rewrite("450 injected\r\n"));
        var bed = new SessionBed(faults: faults, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls },
            relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
        bed.Sim.Relay.Says("220 mx\r\n").Waits(2 * Second).Says("250 stray\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0").Awaits("\r\n").Waits(3 * Second).Shakes()
            .Says("NOOP\r\n").Awaits("250 noop\r\n").Says("XCLIENT ADDR=203.0.113.1\r\n");
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 stray\r\n250 noop\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Empty(faults.Injections);
        Assert.Equal(("NOOP\r\n", "refused"), (bed.Sim.Relay.Heard, bed.Record.GetProperty("outcome").GetString()));
    }

    /// <summary>What a relay still says that a fault has taken is read, though the client takes nothing: its end is seen.</summary>
    [Fact]
    public void Relay_TakenWhileTheClientTakesNothing_IsReadToItsEnd()
    {
        var faults = new FakeFaults { Age = 5 * Second }.At(FaultPoint.Elapsed, static s => s.AbortRelay = EndKind.Fin);
        var bed = AtRest(faults);
        bed.Sim.Run();
        bed.Sim.Client.Window = 0;
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Relay.Says("250 noop\r\n");
        bed.Sim.Pass(4 * Second);
        Assert.True(bed.Sim.Pair.RelayLeg.IsPaused);
        bed.Sim.Pass(2 * Second);
        Assert.Equal((false, EndKind.Fin), (bed.Sim.Pair.RelayLeg.IsPaused, bed.Sim.Relay.End));
    }

    /// <summary>The fleet is being asked about a dial when the session is ended: nobody is dialled when it has answered.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Dial_AboutWhichAFleetIsAsked_IsGivenUpWithTheSession(bool stops)
    {
        var faults = new FakeFaults { MayAsk = true, Late = FaultPoint.Dial, Age = stops ? null : 5 * Second };
        faults.Commands[FaultPoint.Dial] = static _ => null;
        if (!stops)
        {
            faults.At(FaultPoint.Elapsed, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Fin)]);
        }

        var bed = new SessionBed(faults: faults);
        bed.Sim.Pass(5 * Second);
        if (stops)
        {
            bed.Host.DrainAsync(30 * Second);
        }

        bed.Sim.Pass(Second);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        faults.Answer();
        bed.Sim.Pass(Second);
        bed.Sim.Client.Fin();
        bed.Sim.RunToEnd();
        Assert.Empty(bed.Sim.Dials.Targets);
        Assert.Equal(stops ? "shutdown" : "fault", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>What is not reached before the session's end is told to nobody.</summary>
    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Reply_BehindOneThatEndsTheSession_IsToldToNobody(EndKind how)
    {
        var faults = new FakeFaults()
            .Behind(FaultPoint.Mail, s => s.Reply = _ => [new ReplyStep.Pause(5 * Second), new ReplyStep.End(how)])
            .Behind(FaultPoint.Noop, Rewrite("450 injected\r\n"));
        var bed = AtRest(faults);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nNOOP\r\n").Waits(10 * Second).Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 a\r\n250 noop\r\n").Waits(10 * Second).Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(["Mail /250", "Noop /250"], faults.Injections.Select(static i => $"{i.Point} {i.ClientCode}/{i.RelayCode}"));
    }

    /// <summary>A stall that gives no reply of the relay, since there is none, gives none; what the rule does next happens.</summary>
    [Fact]
    public void Halt_OfAStallOfACommandThatTheRelayNeverHad_GoesOnAsTheRuleSays()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s =>
        {
            s.Withhold = true;
            s.Reply = static _ => [new ReplyStep.Stall(null, Leg.Client, StopReading: false), new ReplyStep.End(EndKind.Reset)];
        });
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n");
        bed.Sim.Pass(5 * Second);
        Assert.Null(bed.Sim.Client.End);
        faults.Halt();
        bed.Sim.Run();
        Assert.Equal((EndKind.Reset, EndKind.Reset), (bed.Sim.Client.End, bed.Sim.Relay.End));
        Assert.True(Assert.Single(faults.Injections).Released);
    }

    /// <summary>Rules change after the client has said its last: its silence means nothing all the same.</summary>
    [Fact]
    public void Silence_OfAClientThatHasHalfClosed_MeansNothingToRulesThatChangeAfterwards()
    {
        var faults = new FakeFaults { IdleAfter = 10 * Second }
            .At(FaultPoint.Idle, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Fin();
        bed.Sim.Pass(5 * Second);
        faults.Change();
        bed.Sim.Pass(30 * Second);
        bed.Sim.Relay.Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Empty(faults.Injections);
    }

    /// <summary>The key by which a draw can be repeated is shown with what it led to.</summary>
    [Fact]
    public void Injection_ThatIsOver_ShowsTheKeyOfItsDraw()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, Rewrite("450 injected\r\n"));
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits("450 injected\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("k", Assert.Single(faults.Injections).ShownKey);
    }

    private static Action<Strike> Refuse(string reply) => s =>
    {
        s.Withhold = true;
        s.Reply = _ => [new ReplyStep.Say(Encoding.ASCII.GetBytes(reply))];
    };

    private static Action<Strike> Rewrite(string reply) => s => s.Reply = _ => [new ReplyStep.Say(Encoding.ASCII.GetBytes(reply))];

    private static SessionBed AtRest(FakeFaults faults)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        return bed;
    }
}
