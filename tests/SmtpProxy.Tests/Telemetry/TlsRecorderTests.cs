using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tests.Tls;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>What is recorded of TLS: the client's first words where it passes through, the proxy's own
/// handshakes where it does not.</summary>
public sealed class TlsRecorderTests
{
    [Fact]
    public void Hello_BehindStartTls_IsInTheJournal()
    {
        using var talk = new Conversation();
        talk.Greet().Ask("STARTTLS", "220 go").Wait(1).Pass(Leg.Client, Hellos.OpenSsl).Over(SessionOutcome.ClientGone);
        AssertHello(talk.Line());
    }

    [Fact]
    public void Hello_InPieces_IsInTheJournal()
    {
        using var talk = new Conversation();
        talk.Greet().Ask("STARTTLS", "220 go");
        foreach (var piece in Hellos.OpenSsl.Chunk(100))
        {
            talk.Wait(1).Pass(Leg.Client, piece);
        }

        talk.Pass(Leg.Relay, [0x16, 3, 3, 0, 1, 2]).Over(SessionOutcome.ClientGone);
        AssertHello(talk.Line());
    }

    [Fact]
    public void Hello_AsTheFirstOctets_IsInTheJournal()
    {
        using var talk = new Conversation();
        talk.Connect().Wait(1).Pass(Leg.Client, Hellos.OpenSsl[..20]).Wait(1).Pass(Leg.Client, Hellos.OpenSsl[20..])
            .Over(SessionOutcome.ClientGone);
        var line = talk.Line();
        AssertHello(line);
        Assert.Equal("implicit", line.GetProperty("tls").GetString());
    }

    [Fact]
    public void Hello_OfASessionInTheClear_IsNull()
    {
        using var talk = new Conversation();
        talk.Greet().Deliver().Over();
        var line = talk.Line();
        Assert.Equal(JsonValueKind.Null, line.GetProperty("client_hello").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("tls_client").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("tls_relay").ValueKind);
    }

    [Fact]
    public void Hello_OfTheSessionBefore_IsNotKept()
    {
        using var talk = new Conversation();
        talk.Greet().Ask("STARTTLS", "220 go").Wait(1).Pass(Leg.Client, Hellos.OpenSsl).Over(SessionOutcome.ClientGone);
        _ = talk.Line();
        talk.Begin();
        talk.Greet().Over();
        Assert.Equal(JsonValueKind.Null, talk.Line().GetProperty("client_hello").ValueKind);
    }

    [Fact]
    public void Hello_OfAKeptSession_IsInItsSpan()
    {
        using var talk = new Conversation(traces: new TelemetryOptions { SampleShare = 1 });
        talk.Greet().Ask("STARTTLS", "220 go").Wait(1).Pass(Leg.Client, Hellos.OpenSsl).Over(SessionOutcome.ClientGone);
        var span = Assert.Single(talk.Spans!.Of("SMTP session"));
        Assert.Equal("mx.example.org", span.GetTagItem("server.address"));
        Assert.Equal("smtp,h2", span.GetTagItem("smtpproxy.tls.client.alpn"));
        Assert.Equal("1.3,1.2,1.1,1.0", span.GetTagItem("smtpproxy.tls.client.versions"));
        Assert.Equal(31, span.GetTagItem("smtpproxy.tls.client.ciphers"));
    }

    [Fact]
    public void Handshake_OfEachLeg_IsTimedAndWrittenDown()
    {
        using var talk = new Conversation();
        talk.Greet();
        talk.Session.Handshaken(Note(Leg.Client, null));
        talk.Session.Handshaken(Note(Leg.Relay, new TlsFailure(TlsFailure.Expired, "the certificate expired on 2026-01-01")));
        talk.Over();
        var line = talk.Line();
        var (client, relay) = (line.GetProperty("tls_client"), line.GetProperty("tls_relay"));
        Assert.Equal("1.3", client.GetProperty("version").GetString());
        Assert.Equal("TLS_AES_256_GCM_SHA384", client.GetProperty("cipher").GetString());
        Assert.Equal("mx.example.org", client.GetProperty("server_name").GetString());
        Assert.Equal(40, client.GetProperty("ms").GetDouble());
        Assert.Equal("expired", relay.GetProperty("error").GetString());
        Assert.Equal("the certificate expired on 2026-01-01", relay.GetProperty("why").GetString());
        Assert.Equal(0.04, talk.Metrics.Sum("smtpproxy.operation.duration", "smtp.operation.name=tls_handshake",
            "smtpproxy.destination=none"), 6);
        Assert.Equal(0.04, talk.Metrics.Sum("smtpproxy.operation.duration", "smtp.operation.name=tls_handshake",
            "smtpproxy.destination=mx1", "error.type=expired"), 6);
    }

    [Fact]
    public void Handshake_ThatFailed_KeepsTheTraceAndIsASpan()
    {
        using var talk = new Conversation(traces: new TelemetryOptions { SampleShare = 0 });
        talk.Greet();
        talk.Session.Handshaken(Note(Leg.Relay, new TlsFailure(TlsFailure.NameMismatch, "words")));
        talk.Over();
        var span = Assert.Single(talk.Spans!.Of("TLS handshake"));
        Assert.Equal("name_mismatch", span.GetTagItem("error.type"));
        Assert.Equal("relay", span.GetTagItem("smtpproxy.leg"));
        Assert.Equal(false, span.GetTagItem("tls.established"));
    }

    [Fact]
    public void Relay_ThatIsNotBelieved_IsTheDiagnosis()
    {
        using var talk = new Conversation();
        talk.Accept();
        talk.Session.Dialling("mx1", Conversation.Ticks(1));
        talk.Session.Handshaken(Note(Leg.Relay, new TlsFailure(TlsFailure.Untrusted, "untrusted root: CN=Test")));
        talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.TlsFailed, null, null, "words of the library")),
            Conversation.Ticks(50));
        talk.Proxies("421 4.3.2 no").Over(SessionOutcome.ConnectFailed);
        AssertDiagnosis(talk.Line(), "relay_tls_failed", "untrusted", "relay");
        Assert.Equal(1, talk.Metrics.Sum("smtpproxy.tls.handshakes"));
    }

    [Fact]
    public void Relay_ThatDoesNotOfferTls_IsTheDiagnosis_AndCounted()
    {
        using var talk = new Conversation();
        talk.Accept();
        talk.Session.Dialling("mx1", Conversation.Ticks(1));
        talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.TlsFailed, null, null, "the relay does not offer STARTTLS")),
            Conversation.Ticks(50));
        talk.Proxies("421 4.3.2 no").Over(SessionOutcome.ConnectFailed);
        var line = talk.Line();
        AssertDiagnosis(line, "relay_tls_failed", "refused", "relay");
        Assert.Equal("the relay does not offer STARTTLS", line.GetProperty("tls_relay").GetProperty("why").GetString());
        Assert.Equal(1, talk.Metrics.Sum("smtpproxy.tls.handshakes", "smtpproxy.leg=relay", "smtpproxy.destination=mx1",
            "error.type=refused"));
    }

    [Fact]
    public void Relay_BehindOneThatFailed_MakesGoodForIt()
    {
        using var talk = new Conversation();
        talk.Accept();
        talk.Session.Dialling("mx1", Conversation.Ticks(1));
        talk.Session.Handshaken(Note(Leg.Relay, new TlsFailure(TlsFailure.Expired, "words")));
        talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.TlsFailed, null, null, "words")), Conversation.Ticks(50));
        talk.Session.Dialling("mx2", Conversation.Ticks(51));
        talk.Session.Dialled(new DialNote(new DialResult(DialOutcome.Connected, new IPEndPoint(IPAddress.Loopback, 1),
            new IPEndPoint(IPAddress.Loopback, 2), null)), Conversation.Ticks(52));
        talk.Wait(60).Relay("220 mx").Ask("EHLO c", "250 mx").Deliver().Ask("QUIT", "221 bye").Over();
        Assert.Equal(JsonValueKind.Null, talk.Line().GetProperty("diagnosis").ValueKind);
    }

    [Fact]
    public void Client_WhoseHandshakeFailed_IsTheDiagnosis()
    {
        using var talk = new Conversation();
        talk.Greet();
        talk.Session.Handshaken(Note(Leg.Client, new TlsFailure(TlsFailure.Rejected, "words")));
        talk.Over(SessionOutcome.ClientGone);
        AssertDiagnosis(talk.Line(), "tls_handshake_failed", "certificate_rejected", "client");
    }

    private static void AssertDiagnosis(JsonElement line, string code, string error, string of)
    {
        var diagnosis = line.GetProperty("diagnosis");
        Assert.Equal(code, diagnosis.GetProperty("code").GetString());
        Assert.Equal((error, of), (diagnosis.GetProperty("evidence").GetProperty("tls_error").GetString(),
            diagnosis.GetProperty("evidence").GetProperty("tls_error_of").GetString()));
    }

    private static HandshakeNote Note(Leg leg, TlsFailure? failure) =>
        new(leg, SslProtocols.Tls13, "TLS_AES_256_GCM_SHA384", "mx.example.org", failure)
    {
        From = Conversation.Ticks(10),
        To = Conversation.Ticks(50),
    };

    private static void AssertHello(JsonElement line)
    {
        var hello = line.GetProperty("client_hello");
        Assert.Equal("""{"server_name":"mx.example.org","versions":["1.3","1.2","1.1","1.0"],"alpn":["smtp","h2"],"ciphers":31}""",
            hello.GetRawText());
        Assert.Equal("opaque", line.GetProperty("mode").GetString());
    }
}
