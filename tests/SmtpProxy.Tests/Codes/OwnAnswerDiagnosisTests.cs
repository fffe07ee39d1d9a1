using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Lines;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Sessions;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Codes;

/// <summary>Sessions that came to nothing by what the proxy answered: the diagnosis says what the client did,
/// and nothing of the relay.</summary>
public sealed class OwnAnswerDiagnosisTests
{
    [Theory]
    [InlineData("MAIL FROM:<a@b>", "530 5.7.0 Must issue a STARTTLS command first", "tls_required_here")]
    [InlineData("AUTH LOGIN", "530 5.7.0 Must issue a STARTTLS command first", "tls_required_here")]
    [InlineData("STARTTLS", "502 5.5.1 STARTTLS is not available", "tls_refused_here")]
    [InlineData("STARTTLS", "501 5.5.4 STARTTLS takes no parameters", "tls_refused_here")]
    [InlineData("STARTTLS", "454 4.7.0 TLS is not available: too many handshakes, please try again later", "tls_refused_here")]
    [InlineData("MAIL FROM:<a@b>", "500 5.5.2 Line too long", "command_refused")]
    [InlineData("XCLIENT ADDR=192.0.2.1", "550 5.7.0 Command not permitted from your address", "xclient_blocked")]
    [InlineData("XFORWARD ADDR=192.0.2.1", "550 5.7.0 Command not permitted from your address", "xclient_blocked")]
    public void Refusal_OfTheProxy_IsNotTheRelays(string command, string reply, string diagnosis)
    {
        Assert.Equal(diagnosis, Diagnose(command, reply, Origin.Proxy, out var evidence));
        Assert.True(diagnosis == "xclient_blocked" || evidence.GetProperty("answered_by").GetString() == "proxy");
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b>", "530 5.7.0 Must issue a STARTTLS command first", "tls_required")]
    [InlineData("STARTTLS", "454 4.7.0 TLS is not available", "tls_refused")]
    public void Refusal_OfTheRelay_IsTheRelays(string command, string reply, string diagnosis)
    {
        Assert.Equal(diagnosis, Diagnose(command, reply, Origin.Relay, out var evidence));
        Assert.False(evidence.TryGetProperty("answered_by", out _));
    }

    [Fact]
    public void Mail_ThatIsDeliveredAfterABlockedXClient_LeavesTheAttemptKnown()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250 mx\r\n").Awaits("MAIL FROM:<a@b>\r\n").Says("250 ok\r\n")
            .Awaits("RCPT TO:<c@d>\r\n").Says("250 ok\r\n")
            .Awaits("DATA\r\n").Says("354 go\r\n").Awaits("\r\n.\r\n").Says("250 queued\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220").Says("XCLIENT ADDR=203.0.113.1 LOGIN=admin\r\n").Awaits("550").Says("EHLO c\r\n").Awaits("250")
            .Says("MAIL FROM:<a@b>\r\n").Awaits("ok\r\n")
            .Says("RCPT TO:<c@d>\r\n").Awaits("ok\r\n").Says("DATA\r\n").Awaits("354").Says("Subject: x\r\n\r\nhi\r\n.\r\n")
            .Awaits("queued").Says("QUIT\r\n").Awaits("221").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(("quit", "xclient_blocked"),
            (bed.Record.GetProperty("outcome").GetString(), bed.Record.GetProperty("diagnosis").GetProperty("code").GetString()));
    }

    /// <summary>A line that only a lax relay takes for the end of the message, and a command after it: nobody
    /// can say whose it would be.</summary>
    [Fact]
    public void Session_EndedBecauseXClientMayHideInIt_IsSaidToBeThat()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says("250 mx\r\n").Awaits("MAIL FROM:<a@b>\r\n").Says("250 ok\r\n")
            .Awaits("RCPT TO:<c@d>\r\n").Says("250 ok\r\n")
            .Awaits("DATA\r\n").Says("354 go\r\n");
        bed.Sim.Client.Awaits("220").Says("EHLO c\r\n").Awaits("250").Says("MAIL FROM:<a@b>\r\n").Awaits("ok\r\n").Says("RCPT TO:<c@d>\r\n")
            .Awaits("ok\r\n").Says("DATA\r\n").Awaits("354")
            .Says("hi\n.\nXCLIENT ADDR=203.0.113.1\r\n");
        bed.Sim.RunToEnd();
        Assert.DoesNotContain("XCLIENT", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(("refused", "xclient_blocked"),
            (bed.Record.GetProperty("outcome").GetString(), bed.Record.GetProperty("diagnosis").GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData(true, true, "tls_required_here")]
    [InlineData(true, false, "tls_required_here")]
    [InlineData(false, true, "xclient_blocked")]
    [InlineData(false, false, "xclient_blocked")]
    public void Session_EndedForWhatIsRequired_IsNoCap_HeardOrNot(bool isTls, bool isHeard, string diagnosis)
    {
        using var talk = new Conversation(maxEntries: 10_000);
        talk.Connect();
        talk.Wait(1).Pass(Leg.Relay, "220 mx\r\n"u8.ToArray());
        talk.Session.EndedFor(isTls);
        if (isHeard)
        {
            talk.Session.Origin = Origin.Proxy;
            talk.Dialogue.FromProxy(isTls ? LocalReply.TlsNotReached : LocalReply.NotFollowed);
        }

        Assert.Equal(diagnosis, talk.Over(SessionOutcome.Refused).Line().GetProperty("diagnosis").GetProperty("code").GetString());
    }

    private static string? Diagnose(string command, string reply, Origin origin, out JsonElement evidence)
    {
        using var talk = new Conversation(maxEntries: 10_000);
        talk.Connect();
        talk.Wait(1).Pass(Leg.Relay, "220 mx\r\n"u8.ToArray());
        talk.Wait(1).Pass(Leg.Client, "EHLO c\r\n"u8.ToArray());
        talk.Wait(1).Pass(Leg.Relay, "250 mx\r\n"u8.ToArray());
        talk.Wait(1).Pass(Leg.Client, Encoding.ASCII.GetBytes(command + "\r\n"));
        talk.Session.Origin = origin;
        talk.Wait(1).Pass(Leg.Relay, Encoding.ASCII.GetBytes(reply + "\r\n"));
        talk.Session.Origin = Origin.Relay;
        talk.Wait(1).Pass(Leg.Client, "QUIT\r\n"u8.ToArray());
        talk.Wait(1).Pass(Leg.Relay, "221 bye\r\n"u8.ToArray());
        var diagnosis = talk.Over(SessionOutcome.Quit).Line().GetProperty("diagnosis").Clone();
        evidence = diagnosis.GetProperty("evidence");
        return diagnosis.GetProperty("code").GetString();
    }
}
