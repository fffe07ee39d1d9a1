using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>What clients are answered that ask for TLS where it ends here, or do not ask where it is required.</summary>
public sealed class StartTlsTalkTests
{
    private const string Bye = "221 bye\r\n";
    private const string Hundred = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string NinetyTwo = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string TlsFirst = "530 5.7.0 Must issue a STARTTLS command first\r\n";
    private const string TooLate = "503 5.5.1 STARTTLS is not possible inside a transaction or after AUTH\r\n";
    private static readonly RelayTls AsClient = RelayTls.Default("relay.example") with { Mode = RelayTlsMode.AsClient };
    private static readonly RelayTls Clear = AsClient with { Mode = RelayTlsMode.None };

    [Theory]
    [InlineData(ListenerTlsMode.None, "", "STARTTLS\r\n", "502 5.5.1 STARTTLS is not available\r\n")]
    [InlineData(ListenerTlsMode.Implicit, "", "STARTTLS\r\n", "503 5.5.1 TLS is already active\r\n")]
    [InlineData(ListenerTlsMode.StartTls, "", "STARTTLS now\r\n", "501 5.5.4 STARTTLS takes no parameters\r\n")]
    [InlineData(ListenerTlsMode.StartTls, "", "STARTTLS\rX\r\n", "501 5.5.4 STARTTLS takes no parameters\r\n")]
    [InlineData(ListenerTlsMode.StartTls, "MAIL FROM:<a@b>\r\n", "STARTTLS\r\n", TooLate)]
    [InlineData(ListenerTlsMode.StartTls, "AUTH PLAIN AGEAYg==\r\n", "STARTTLS\r\n", TooLate)]
    public void StartTls_ThatCannotBe_IsAnsweredWithTheReason(ListenerTlsMode mode, string before, string command, string answer)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var bed = Bed(mode, seed: seed);
            if (mode == ListenerTlsMode.Implicit)
            {
                bed.Sim.Client.Shakes();
            }

            Open(bed, before, "250 ok\r\n");
            bed.Sim.Client.Says(command).Awaits(answer);
            Close(bed);
            Assert.Equal("220 mx\r\n" + (before.Length > 0 ? "250 ok\r\n" : "") + answer + Bye, bed.Sim.Client.Heard);
            Assert.Equal(before + "QUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        }
    }

    /// <summary>Written so that only some relays take it for STARTTLS it is none, and no relay gets to hear it: one that granted it would
    /// speak TLS with nobody.</summary>
    [Theory]
    [InlineData("STARTTLS\0\r\n")]
    [InlineData("STARTTLS,\r\n")]
    [InlineData("starttls now\r\n")]
    public void StartTls_WrittenOddly_NeverPasses(string command)
    {
        foreach (var relay in (RelayTls[])[Clear, AsClient])
        {
            var bed = Bed(ListenerTlsMode.StartTls, relay: relay);
            Open(bed, "", "");
            bed.Sim.Client.Says(command).Awaits("501 5.5.4 STARTTLS takes no parameters\r\n");
            Close(bed);
            Assert.Equal("QUIT\r\n", bed.Sim.Relay.Heard.TrimStart(' '));
        }
    }

    /// <summary>What was said in the clear after it goes nowhere (RFC 3207, section 4.2), and inside it is no more to be had.</summary>
    [Theory]
    [InlineData("", "", "STARTTLS\r\n")]
    [InlineData("", "", "starttls \r\n")]
    [InlineData("MAIL FROM:<a@b>\r\n", "550 no\r\n", "STARTTLS\r\n")]
    [InlineData("AUTH PLAIN AGEAYg==\r\n", "535 no\r\n", "STARTTLS\r\n")]
    [InlineData("NOOP\r\n", "250 ok\r\n", "STARTTLS\r\n")]
    public void StartTls_ThatIsGranted_DropsWhatFollowsInTheClear(string before, string reply, string command)
    {
        // Not cut: what came after the handshake would be inside.
        var bed = Bed(ListenerTlsMode.StartTls);
        Open(bed, before, reply);
        bed.Sim.Client.Says(command + "MAIL FROM:<evil@b>\r\n").Awaits("220 2.0.0 Ready to start TLS\r\n").Shakes()
            .Says("EHLO d\r\n").Awaits("250 mx\r\n").Says("STARTTLS\r\n").Awaits("503 5.5.1 TLS is already active\r\n");
        bed.Sim.Relay.Awaits("EHLO d\r\n").Says("250 mx\r\n");
        Close(bed);
        Assert.Equal(before + "EHLO d\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal($"220 mx\r\n{reply}220 2.0.0 Ready to start TLS\r\n250 mx\r\n503 5.5.1 TLS is already active\r\n{Bye}",
            bed.Sim.Client.Heard);
    }

    [Theory]
    [InlineData("EHLO c\r\n", true)]
    [InlineData("helo c\r\n", true)]
    [InlineData("LHLO c\r\n", true)]
    [InlineData("NOOP\r\n", true)]
    [InlineData("NOOP a\rb\r\n", false)]
    [InlineData("NOOP a\0\r\n", false)]
    [InlineData("NOOP\n", true)]
    [InlineData("MAIL FROM:<a@b>\r\n", false)]
    [InlineData("RCPT TO:<a@b>\r\n", false)]
    [InlineData("DATA\r\n", false)]
    [InlineData("RSET\r\n", false)]
    [InlineData("HELP\r\n", false)]
    [InlineData("VRFY a\r\n", false)]
    [InlineData("AUTH PLAIN AGEAYg==\r\n", false)]
    [InlineData("BDAT 4\r\nabcd", false)]
    [InlineData("WHAT\r\n", false)]
    [InlineData("\r\n", false)]
    [InlineData("\n", false)]
    [InlineData("NOOP " + Hundred + Hundred + Hundred + Hundred + "a\r\n", true)]
    [InlineData("NOOP  " + Hundred + Hundred + Hundred + Hundred + NinetyTwo + "\r\n", true)]
    [InlineData("NOOP   " + Hundred + Hundred + Hundred + Hundred + NinetyTwo + "\r\n", false)]
    [InlineData("NOOP " + Hundred + Hundred + Hundred + Hundred + Hundred + "MAIL FROM:<a@b>\r\n", false)]
    public void Command_BeforeTlsThatIsRequired_PassesOnlyWhereItCannotMatter(string command, bool passes)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var bed = Bed(ListenerTlsMode.StartTls, require: true, seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n");
            bed.Sim.Client.Awaits("220 mx\r\n").Says(command);
            if (passes)
            {
                bed.Sim.Relay.Awaits(command).Says("500 of the relay\r\n");
            }

            bed.Sim.Client.Awaits("5").Awaits("\r\n");
            Close(bed);
            Assert.Equal((passes ? command : "") + "QUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal("220 mx\r\n" + (passes ? "500 of the relay\r\n" : TlsFirst) + Bye, bed.Sim.Client.Heard);
        }
    }

    /// <summary>Where TLS is required, and what comes cannot lead to it, the session ends: with a reply where one can stand.</summary>
    [Theory]
    [InlineData("220 mx\r\n", "\u0016\u0003\u0001\u0000\u0020\u0001\u0000\u0000\u001c like a ClientHello", true)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "", true)]
    [InlineData("SSH-2.0-OpenSSH_9.2", "", false)]
    public void Dialogue_ThatCannotLeadToTheTlsThatIsRequired_Ends(string greeting, string said, bool isTold)
    {
        var bed = Bed(ListenerTlsMode.StartTls, require: true);
        bed.Sim.Relay.Says(greeting);
        bed.Sim.Client.Awaits(greeting).Says(said).Waits(TimeSpan.FromSeconds(2)).Fin();
        bed.Sim.RunToEnd();
        const string Told = "421 4.7.0 TLS is required, and it did not begin as it should, closing the connection\r\n";
        Assert.Equal(greeting + (isTold ? Told : ""), bed.Sim.Client.Heard);
        Assert.Equal((EndKind.Fin, ""), (bed.Sim.Client.End, bed.Sim.Relay.Heard));
        Assert.Equal(1, bed.Limits("tls_required"));
        Assert.Equal("refused", bed.Record.GetProperty("outcome").GetString());
        Assert.Equal("tls_required_here", bed.Record.GetProperty("diagnosis").GetProperty("code").GetString());
    }

    [Fact]
    public void StartTls_WhileTooManyShakeHands_IsRefused_AndPossibleAfterThem()
    {
        var bed = Bed(ListenerTlsMode.StartTls, limits: new SessionLimits { MaxHandshakesPerClient = 1 });
        var second = bed.Another();
        second.Relay.Says("220 mx\r\n");
        second.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0");
        second.Run();

        Open(bed, "", "");
        bed.Sim.Client.Says("STARTTLS\r\n").Awaits("454 4.7.0 TLS is not available: too many handshakes, please try again later\r\n");
        bed.Sim.Run();
        Assert.True(bed.Sim.Client.IsDone);
        Assert.Equal(1, bed.Limits("handshakes_per_client"));

        second.Client.Resets();
        second.RunToEnd();
        bed.Sim.Client.Says("STARTTLS\r\n").Awaits("220 2.0.0 Ready to start TLS\r\n").Shakes();
        Close(bed);
        Assert.Equal(1, bed.Limits("handshakes_per_client"));
        Assert.Equal("QUIT\r\n", bed.Sim.Relay.Heard);
    }

    /// <summary>The relay that shall have TLS as its client does is not asked where there is no room for the client's handshake.</summary>
    [Fact]
    public void StartTls_OfTheRelaysWhileTooManyShakeHands_IsNotAskedOfIt()
    {
        var bed = Bed(ListenerTlsMode.StartTls, relay: AsClient, limits: new SessionLimits { MaxHandshakesPerClient = 1 });
        var second = bed.Another();
        second.Relay.Says("220 mx\r\n").Awaits("STARTTLS\r\n").Says("220 go\r\n").Shakes();
        second.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits("220 go\r\n");
        second.Run();

        Open(bed, "", "");
        bed.Sim.Client.Says("STARTTLS\r\n").Awaits("454 4.7.0 TLS is not available: too many handshakes, please try again later\r\n");
        Close(bed);
        Assert.Equal("QUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(1, bed.Limits("handshakes_per_client"));
    }

    /// <summary>What comes in the clear behind the relay's 220 is nobody's word.</summary>
    [Fact]
    public void Relay_ThatSaysMoreBehindItsGrant_IsNotHeard_AndReported()
    {
        var bed = Bed(ListenerTlsMode.StartTls, relay: AsClient);
        Open(bed, "", "");
        bed.Sim.Relay.Awaits("STARTTLS\r\n").Says("220 go\r\n250 injected\r\n").Shakes();
        bed.Sim.Client.Says("STARTTLS\r\n").Awaits("220 go\r\n").Shakes();
        Close(bed);
        Assert.Equal("220 mx\r\n220 go\r\n" + Bye, bed.Sim.Client.Heard);
        Assert.Contains("starttls-injection-server",
            bed.Record.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString()));
    }

    /// <summary>Where nobody can say whether the relay has granted it, the session does not go on.</summary>
    [Theory]
    [InlineData("220 ")]
    [InlineData("220-")]
    [InlineData("454 ")]
    public void StartTls_AnsweredByWhatIsTooLongForAReply_EndsTheSession(string code)
    {
        var bed = Bed(ListenerTlsMode.StartTls, relay: AsClient);
        Open(bed, "", "");
        bed.Sim.Relay.Awaits("STARTTLS\r\n").Says(code + new string('x', 40_000));
        bed.Sim.Client.Says("STARTTLS\r\n").Waits(TimeSpan.FromSeconds(2)).Says("MAIL FROM:<a@b>\r\n");
        bed.Sim.RunToEnd();
        Assert.StartsWith(bed.Sim.Client.Heard, $"220 mx\r\n{code}{new string('x', 40_000)}", StringComparison.Ordinal);
        Assert.Equal("STARTTLS\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(1, bed.Limits("tls_required"));
    }

    [Fact]
    public void Relay_WhoseHandshakeFailsAfterItsGrant_ClientIsToldAndComesAgain()
    {
        var bed = Bed(ListenerTlsMode.StartTls, relay: AsClient);
        Open(bed, "", "");
        bed.Sim.Relay.Awaits("STARTTLS\r\n").Says("220 go\r\n").Waits(TimeSpan.FromSeconds(1)).Resets();
        bed.Sim.Client.Says("STARTTLS\r\n").Awaits("454").Awaits("\r\n").Says("QUIT\r\n").Fin();
        bed.Sim.RunToEnd();
        // What it says after that goes nowhere, and is understood.
        Assert.Equal(["STARTTLS", "QUIT"], bed.Record.GetProperty("exchanges").EnumerateArray().Select(static e =>
            e.GetProperty("verb").GetString()));
        Assert.Equal("220 mx\r\n454 4.7.0 TLS is not available: TLS with the relay could not be established\r\n", bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
    }

    /// <summary>A fault makes another reply of the 220: the dialogue goes on in the clear, and nobody's room is kept.</summary>
    [Fact]
    public void StartTls_GrantedAndDeniedByAFault_GoesOnInTheClear_AndMayBeAskedAgain()
    {
        var denied = 0;
        var faults = new FakeFaults();
        faults.Replies[FaultPoint.StartTls] = _ => denied++ > 0 ? null
            : static s => s.Reply = static _ => [new ReplyStep.Say("454 4.7.0 injected\r\n"u8.ToArray())];
        var bed = Bed(ListenerTlsMode.StartTls, faults: faults, limits: new SessionLimits { MaxHandshakesPerClient = 1 });
        Open(bed, "", "");
        bed.Sim.Client.Says("STARTTLS\r\n").Awaits("454 4.7.0 injected\r\n").Says("NOOP\r\n").Awaits("250 noop\r\n");
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n");
        bed.Sim.Run();
        Assert.True(bed.Sim.Client.IsDone);

        var second = bed.Another();
        second.Relay.Says("220 mx\r\n").Awaits("QUIT\r\n").Says(Bye).Fin();
        second.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0").Shakes().Says("QUIT\r\n").Awaits(Bye).Fin();
        second.RunToEnd();

        bed.Sim.Client.Says("STARTTLS\r\n").Awaits("220 2.0.0").Shakes();
        Close(bed);
        Assert.Equal("NOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal(0, bed.Limits("handshakes_per_client"));
    }

    private static SessionBed Bed(ListenerTlsMode mode, bool require = false, int? seed = null, RelayTls? relay = null,
        SessionLimits? limits = null, FakeFaults? faults = null) =>
        new(limits, seed, faults: faults, tls: new ListenerTls { Mode = mode, Require = require }, relayTls: relay ?? Clear);

    private static void Open(SessionBed bed, string before, string reply)
    {
        bed.Sim.Relay.Says("220 mx\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n");
        if (before.Length > 0)
        {
            bed.Sim.Relay.Awaits(before).Says(reply);
            bed.Sim.Client.Says(before).Awaits(reply);
        }
    }

    private static void Close(SessionBed bed)
    {
        bed.Sim.Client.Says("QUIT\r\n").Awaits(Bye).Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says(Bye).Fin();
        bed.Sim.RunToEnd();
    }
}
