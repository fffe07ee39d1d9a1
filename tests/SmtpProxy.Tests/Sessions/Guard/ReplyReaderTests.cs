using SmtpProxy.Tests.Sessions.Faulted;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>Lines of a relay that answer nothing (<c>0yz</c>, or no reply line at all), before and inside the replies of which
/// something is hidden or decided.</summary>
public sealed class ReplyReaderTests
{
    private static readonly RelayTls AsClient = RelayTls.Default("relay.example") with { Mode = RelayTlsMode.AsClient };
    private static readonly RelayTls Clear = AsClient with { Mode = RelayTlsMode.None };

    [Theory]
    [InlineData("050 busy\r\n250-mx\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n", "050 busy\r\n250-mx\r\n250 SIZE\r\n")]
    [InlineData("250-mx\r\n050 busy\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n", "250-mx\r\n050 busy\r\n250 SIZE\r\n")]
    [InlineData("250-mx\r\n000\r\n050-a\r\nodd\r\n251-XFORWARD ADDR\r\n250 SIZE\r\n", "250-mx\r\n000\r\n050-a\r\nodd\r\n250 SIZE\r\n")]
    public void Ehlo_WithLinesThatAnswerNothing_HidesWhatIsKeptFromTheClient(string reply, string told)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed, faults: seed % 2 == 0 ? null : new FakeFaults());
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(reply).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("SIZE\r\n").Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            // A code that went ahead of a line that is hidden may leave an empty one.
            Assert.Equal(Texts($"220 mx\r\n{told}221 bye\r\n"), Texts(bed.Sim.Client.Heard));
            Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        }
    }

    [Fact]
    public void Ehlo_WithLinesThatAnswerNothing_OffersStartTlsInsteadOfTheRelays()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls, Require = true }, relayTls: Clear);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n050 busy\r\n250-REQUIRETLS\r\n050 busy\r\n250 SIZE\r\n")
                .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("220 mx\r\n250-mx\r\n050 busy\r\n050 busy\r\n250-SIZE\r\n250 STARTTLS\r\n221 bye\r\n", bed.Sim.Client.Heard);
        }
    }

    /// <summary>A relay that takes EHLO once, and knows nothing of the TLS that ends here: the client hears inside what it offered
    /// before.</summary>
    [Theory]
    [InlineData("250-mx\r\n250 SIZE\r\n")]
    [InlineData("050 busy\r\n250-mx\r\n250 SIZE\r\n")]
    [InlineData("050-a\r\n000\r\n250-mx\r\n050 busy\r\n250 SIZE\r\n")]
    [InlineData("251-mx\r\n250 SIZE\r\n")]
    public void Ehlo_RefusedInsideTls_IsAnsweredAsTheRelayAnsweredInTheClear(string reply)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed, faults: seed % 2 == 0 ? null : new FakeFaults(),
                tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: Clear);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(reply).Awaits("EHLO d\r\n").Says("503 once\r\n")
                .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0").Shakes()
                .Says("EHLO d\r\n").Awaits("SIZE\r\n").Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            var inside = bed.Sim.Client.Heard[(bed.Sim.Client.Heard.IndexOf("220 2.0.0", StringComparison.Ordinal) + 1)..];
            Assert.EndsWith($"mx\r\n250 SIZE\r\n221 bye\r\n", inside, StringComparison.Ordinal);
            Assert.DoesNotContain("503", inside, StringComparison.Ordinal);
            Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        }
    }

    /// <summary>A reply of more than 16 KiB is not remembered, and nothing of it: the client hears what the relay says inside.</summary>
    [Theory]
    [InlineData(16 * 1024, true)]
    [InlineData(16 * 1024 + 1, false)]
    [InlineData(17 * 1024, false)]
    public void Ehlo_RefusedInsideTls_AfterAReplyThatIsVeryLong_IsAnsweredAsBeforeWhereThatWasRemembered(int length, bool isRemembered)
    {
        var lines = "250-mx\r\n" + string.Concat(Enumerable.Range(0, 160).Select(static n => $"250-X{n:000}{new string('x', 90)}\r\n"));
        var reply = lines + string.Concat(Enumerable.Repeat("250-SIZE\r\n", (length - lines.Length) / 10 - 4));
        reply += "250 " + new string('y', length - reply.Length - 6) + "\r\n";
        Assert.Equal(length, reply.Length);
        for (var seed = -1; seed < 12; seed++)
        {
            // Without a seed it comes in one piece.
            var bed = new SessionBed(seed: seed < 0 ? null : seed, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls },
                relayTls: Clear);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(reply).Awaits("EHLO d\r\n").Says("503 once\r\n")
                .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0")
                .Shakes().Says("EHLO d\r\n").Awaits(isRemembered ? "yyy\r\n" : "503 once\r\n").Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(isRemembered, !bed.Sim.Client.Heard.Contains("503", StringComparison.Ordinal));
            Assert.Equal(isRemembered ? 2 : 1, bed.Sim.Client.Heard.Split("X159x").Length - 1);
            Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        }
    }

    /// <summary>What the relay offers to whom it trusts is what its last reply to EHLO said.</summary>
    [Theory]
    [InlineData("250-mx\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n", "250-mx\r\n250-XFORWARD ADDR\r\n250 SIZE\r\n", "XClient", "XForward")]
    [InlineData("250-mx\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n", "250-mx\r\n250 SIZE\r\n", "XClient", "None")]
    [InlineData("250-mx\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n", "250 mx\r\n", "XClient", "None")]
    [InlineData("250 mx\r\n", "250-mx\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n", "None", "XClient")]
    public void Ehlo_Again_IsJudgedByItself(string first, string second, string offered, string offeredThen)
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(first).Awaits("EHLO d\r\n").Says(second).Awaits("QUIT\r\n")
            .Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("250 ").Says("EHLO d\r\n").Awaits("250 ")
            .Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal([$"relay-0:{offered}", $"relay-0:{offeredThen}"], bed.Relays.Offered);
    }

    /// <summary>What is kept from the client is what the relay offers, all the same.</summary>
    [Fact]
    public void Ehlo_OfWhichSomethingIsHidden_IsRecordedAsTheRelaySaidIt()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.None }, relayTls: Clear);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250-STARTTLS\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("SIZE\r\n").Fin();
        bed.Sim.Run();
        Assert.Equal("220 mx\r\n250-mx\r\n250 SIZE\r\n", bed.Sim.Client.Heard);
        foreach (var keyword in (string[])["STARTTLS", "XCLIENT", "SIZE"])
        {
            Assert.Equal(1, metrics.Sum("smtpproxy.capability.present", "smtp.keyword=" + keyword));
        }
    }

    [Fact]
    public void Lhlo_OffersNothingThatIsKeptFromTheClient()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("LHLO c\r\n").Says("250-mx\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("LHLO c\r\n").Awaits("SIZE\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n250-mx\r\n250 SIZE\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>Where the relay has TLS as its client does, its reply to STARTTLS waits to be whole, and no other does.</summary>
    [Fact]
    public void StartTls_ThatIsTheRelays_KeepsNoOtherReplyBack()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: AsClient);
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\n");
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250-XCLIENT ADDR\r\n");
        bed.Sim.Run();
        Assert.Equal("220 mx\r\n250-XCLIENT ADDR\r\n", bed.Sim.Client.Heard);
        bed.Sim.Relay.Says("250 ok\r\n");
        bed.Sim.Run();
        Assert.Equal("220 mx\r\n250-XCLIENT ADDR\r\n250 ok\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>Replies that come together are read one by one: behind one that passes may be one that decides.</summary>
    [Fact]
    public void StartTls_GrantedTogetherWithTheReplyBefore_IsTakenAllTheSame()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: AsClient);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("STARTTLS\r\n").Says("250 noop\r\n220 go\r\n").Shakes()
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("NOOP\r\nSTARTTLS\r\n").Awaits("220 go\r\n").Shakes()
            .Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n250 noop\r\n220 go\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal("NOOP\r\nSTARTTLS\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>Whatever the client hears in its place, what the relay said is counted as its reply.</summary>
    [Fact]
    public void Ehlo_RefusedInsideTls_IsCountedAsTheRelayAnsweredIt()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: Clear);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n").Awaits("EHLO d\r\n")
            .Says("503 once\r\n");
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0")
            .Awaits("\r\n").Shakes().Says("EHLO d\r\n").Awaits("SIZE\r\n").Fin();
        bed.Sim.Run();
        Assert.DoesNotContain("503", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(1, metrics.Sum("smtpproxy.replies", "smtp.response.status_code=503"));
    }

    /// <summary>Half a reply that waits here for its end is the relay's delay, and not the proxy's.</summary>
    [Fact]
    public void StartTls_AnsweredInPieces_IsWaitedForAsTheRelays()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: AsClient);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("STARTTLS\r\n").Says("454-no\r\n").Waits(TimeSpan.FromSeconds(5)).Says("454 no\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits("454 no\r\n").Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.InRange(bed.Record.GetProperty("relay_ms").GetDouble(), 5000, 6000);
        Assert.InRange(bed.Record.GetProperty("proxy_ms").GetDouble(), 0, 100);
    }

    /// <summary>Of what was said in the clear nothing counts inside (RFC 3207, section 4.2): neither what was offered, nor how what passed
    /// last ended.</summary>
    [Fact]
    public void Tls_ThatEndsHere_BeginsAnew()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: Clear);
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n").Awaits("HELP XCLIENT\n")
            .Says("214 x\r\n").Awaits("e\r\n").Says("500 what\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("HELP XCLIENT\n").Awaits("214 x\r\n")
            .Says("STARTTLS\r\n").Awaits("220 2.0.0").Shakes()
            .Says("\u0016\u0003\u0001\u0000\u0020\u0001\u0000\u0000\u001c like one\r\n").Awaits("500 what\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith(" like one\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Empty(bed.Record.GetProperty("capabilities").EnumerateArray());
        Assert.Equal(0, bed.Limits("xclient_blocked"));
    }

    /// <summary>REQUIRETLS (RFC 8689) promises TLS on all of the way: it may be offered to those that have it.</summary>
    [Fact]
    public void Ehlo_InsideTls_OffersWhatNeedsIt_AndNoMoreTls()
    {
        var bed = new SessionBed(tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: Clear);
        const string Offer = "250-mx\r\n250-REQUIRETLS\r\n250-STARTTLS\r\n250-XCLIENT ADDR\r\n250 SIZE\r\n";
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(Offer).Awaits("EHLO d\r\n").Says(Offer).Awaits("QUIT\r\n")
            .Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0")
            .Shakes().Says("EHLO d\r\n").Awaits("SIZE\r\n").Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n250-mx\r\n250-SIZE\r\n250 STARTTLS\r\n220 2.0.0 Ready to start TLS\r\n"
            + "250-mx\r\n250-REQUIRETLS\r\n250 SIZE\r\n221 bye\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>The same where the client asks by HELO inside, which has one line for an answer.</summary>
    [Theory]
    [InlineData("503 once\r\n", "250 mx at your service\r\n")]
    [InlineData("250 mx again\r\n", "250 mx again\r\n")]
    [InlineData("550 no\r\n", "550 no\r\n")]
    public void Helo_InsideTls_IsAnsweredAsTheRelayAnswersIt_OrAnsweredEhloBefore(string reply, string told)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var bed = new SessionBed(seed: seed, tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: Clear);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250-mx at your service\r\n250 SIZE\r\n").Awaits("HELO d\r\n")
                .Says(reply).Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("EHLO c\r\n").Awaits("250 STARTTLS\r\n").Says("STARTTLS\r\n").Awaits("220 2.0.0")
                .Shakes().Says("HELO d\r\n").Awaits(told).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith($"220 2.0.0 Ready to start TLS\r\n{told}221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        }
    }

    /// <summary>Of a reply that is cut off by the relay's end the client sees as much as there is (law 4).</summary>
    [Theory]
    [InlineData(false, "EHLO c\r\n", "250-mx\r\n250-SI")]
    [InlineData(false, "EHLO c\r\n", "250-mx\r\n250-XCLI")]
    [InlineData(true, "EHLO c\r\n", "250-mx\r\n250 SIZ")]
    [InlineData(true, "STARTTLS\r\n", "220-go\r\n22")]
    [InlineData(true, "STARTTLS\r\n", "454 n")]
    public void Reply_CutOffByTheRelaysEnd_IsToldAsFarAsItCame(bool isTls, string command, string reply)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var bed = new SessionBed(seed: seed, tls: isTls ? new ListenerTls { Mode = ListenerTlsMode.StartTls } : null,
                relayTls: isTls ? AsClient : null);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(command).Says(reply).Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says(command).Waits(TimeSpan.FromMinutes(1)).Fin();
            bed.Sim.RunToEnd();
            Assert.StartsWith("220 mx\r\n" + reply, bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.Equal(command, bed.Sim.Relay.Heard);
        }
    }

    /// <summary>The relay has TLS as its client does: its 220 counts, whatever it says before that.</summary>
    [Theory]
    [InlineData("050 busy\r\n220 go\r\n", true)]
    [InlineData("050-a\r\n000\r\n220-go\r\n050 b\r\n220 go\r\n", true)]
    [InlineData("050 220 no\r\n454 no\r\n", false)]
    public void StartTls_AnsweredAfterLinesThatAnswerNothing_IsGrantedByItsReply(string reply, bool granted)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed, faults: seed % 2 == 0 ? null : new FakeFaults(),
                tls: new ListenerTls { Mode = ListenerTlsMode.StartTls }, relayTls: AsClient);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("STARTTLS\r\n").Says(reply);
            bed.Sim.Client.Awaits("220 mx\r\n").Says("STARTTLS\r\n").Awaits(reply);
            if (granted)
            {
                bed.Sim.Relay.Shakes();
                bed.Sim.Client.Shakes();
            }

            bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.Client.Says("NOOP\r\n").Awaits("250 noop\r\n").Says("QUIT\r\n").Awaits("221").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal("STARTTLS\r\nNOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
            Assert.Equal($"220 mx\r\n{reply}250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard);
            Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
            Assert.Equal(granted, bed.Record.TryGetProperty("tls_client", out var tls)
                && tls.ValueKind == System.Text.Json.JsonValueKind.Object);
        }
    }

    /// <summary>Lines, of those that are of the reply their texts, as far as there are any.</summary>
    private static string[] Texts(string heard) =>
        [.. heard.Split("\r\n").Select(static line => line.StartsWith("25", StringComparison.Ordinal) ? line[4..] : line)
            .Where(static text => text.Length > 0)];
}
