using System.Security.Authentication;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Tests.Tls;

namespace SmtpProxy.Tests.Codes;

/// <summary>Sessions whose relay did not greet: what it did to others before tells a port of another kind
/// from a server that is down.</summary>
public sealed class DiagnoserUngreetedTests
{
    [Theory]
    [InlineData(false, "plaintext_on_tls_port")]
    [InlineData(true, "relay_hung_up")]
    public void Relay_ThatHangsUpAtTheClientsFirstWords_IsJudgedByWhetherItEverGreeted(bool hasGreeted, string diagnosis)
    {
        using var talk = After(hasGreeted);

        Assert.Equal(diagnosis, Hear(talk.Wait(1).Client("EHLO client.example.org"), SessionOutcome.RelayGone));
    }

    [Fact]
    public void Relay_ThatHangsUpUnasked_IsNoTlsPort()
    {
        using var talk = After(hasGreeted: false);

        Assert.Equal("relay_hung_up", Hear(talk, SessionOutcome.RelayGone));
    }

    [Fact]
    public void Relay_WithWhichTheProxySpeaksTls_WaitsForNone()
    {
        using var talk = After(hasGreeted: false);
        talk.Session.Handshaken(new HandshakeNote(Leg.Relay, SslProtocols.Tls13, "TLS_AES_256_GCM_SHA384", null, null));

        Assert.Equal("relay_hung_up", Hear(talk.Wait(1).Client("EHLO client.example.org"), SessionOutcome.RelayGone));
    }

    [Theory]
    [InlineData(false, "tls_handshake_failed")]
    [InlineData(true, "tls_on_plaintext_port")]
    public void ClientHello_ThatNobodyAnswered_IsJudgedByWhetherTheRelayEverGreeted(bool hasGreeted, string diagnosis)
    {
        using var talk = After(hasGreeted);

        Assert.Equal(diagnosis, Hear(talk.Wait(1).Pass(Leg.Client, Hellos.OpenSsl), SessionOutcome.ClientGone));
    }

    private static Conversation After(bool hasGreeted)
    {
        var talk = new Conversation();
        if (hasGreeted)
        {
            talk.Greet().Ask("QUIT", "221 bye").Over().Line();
            talk.Begin();
        }

        return talk.Connect();
    }

    private static string? Hear(Conversation talk, SessionOutcome outcome)
    {
        talk.Session.Ended(outcome == SessionOutcome.RelayGone ? Leg.Relay : Leg.Client, EndKind.Fin, Conversation.Ticks(talk.Now));
        return talk.Over(outcome).Line().GetProperty("diagnosis").GetProperty("code").GetString();
    }
}
