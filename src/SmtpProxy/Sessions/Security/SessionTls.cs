using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Security;

/// <summary>TLS of one session, with its client and with its relays: what is offered and believed, and what
/// came of its handshakes.</summary>
/// <param name="server">TLS with the listener's clients; null: it is not the proxy's.</param>
/// <param name="place">What the connection holds of the limits.</param>
/// <param name="process">Told of limits that were met.</param>
internal sealed class SessionTls(ServerTls? server, Place place, ITelemetry process)
{
    private ServerHandshake? _client;
    private RelayHandshake? _relay;

    /// <summary>What the listener does about TLS.</summary>
    public ListenerTls Rules { get; } = server?.Rules ?? new ListenerTls();

    /// <summary>The reply to an EHLO that this relay has had in the dialogue that was begun anew for the client's TLS, or for ours. There
    /// are relays that take none twice (OpenSMTPD: "503 Already identified"), and do not know that there was a new beginning.</summary>
    public byte[]? Identified { get; set; }

    /// <summary>How long a handshake may take.</summary>
    public TimeSpan Patience => place.Limits.TlsHandshake;

    /// <summary>What is wrong with the certificate that the client is shown next, for a fault; null: it is the listener's own.</summary>
    public CertificateFlaw? Forged { get; set; }

    /// <summary>Whether a handshake with the client would be one too many now.</summary>
    public bool IsCrowded() => !Fits(place.HandshakeTooMany());

    /// <summary>Makes room for a handshake with the client. False: there is none.</summary>
    public bool TryMakeRoom() => Fits(place.TryShake());

    /// <summary>That handshake does not come.</summary>
    public void GiveUpRoom() => place.HasShaken();

    /// <summary>A handshake with the client.</summary>
    public TlsShake Client()
    {
        place.Shakes();
        if (Forged is { } flaw)
        {
            var name = server!.Certificates[0].Names is [var first, ..] ? first : "localhost";
            return stream => stream.AuthenticateAsServerAsync(ForgedCertificate.For(flaw, name));
        }

        var handshake = _client = server!.Begin();
        return stream => stream.AuthenticateAsServerAsync(handshake.SelectAsync, null);
    }

    /// <summary>A handshake with a relay.</summary>
    public TlsShake Relay(RelayTls relay)
    {
        var handshake = _relay = relay.Begin();
        return stream => stream.AuthenticateAsClientAsync(handshake.Options);
    }

    /// <summary>A handshake with the client from its first octet on; null: not.</summary>
    public TlsShake? ClientAtOnce() => Rules.Mode == ListenerTlsMode.Implicit ? Client() : null;

    /// <summary>A handshake with this relay from its first octet on; null: not.</summary>
    public TlsShake? RelayAtOnce(RelayTls relay) =>
        relay.Mode == RelayTlsMode.Implicit || (relay.Mode == RelayTlsMode.AsClient && Rules.Mode == ListenerTlsMode.Implicit)
            ? Relay(relay) : null;

    /// <summary>A handshake is over.</summary>
    /// <returns>What is recorded of it.</returns>
    public HandshakeNote Over(in TlsHandshake handshake)
    {
        var isClients = handshake.Leg == Leg.Client;
        if (isClients)
        {
            place.HasShaken();
        }

        return new HandshakeNote(
            handshake.Leg, handshake.Version, handshake.Cipher, isClients ? _client?.ServerName : handshake.ServerName,
            handshake.Failure is { } thrown ? TlsFailure.Of(thrown, isClients ? _client?.Rejected : _relay?.Rejected) : null)
        {
            From = handshake.Began,
            To = handshake.Ended,
        };
    }

    private bool Fits(Refusal? refusal)
    {
        if (refusal is not null)
        {
            process.LimitHit(refusal.Limit!);
        }

        return refusal is null;
    }
}
