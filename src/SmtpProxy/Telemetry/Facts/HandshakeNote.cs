using System.Security.Authentication;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry.Facts;

/// <summary>A TLS handshake of the proxy's own that is over.</summary>
/// <param name="Leg">With whom.</param>
/// <param name="Version">What was agreed on; none where it came to nothing.</param>
/// <param name="Cipher">The cipher suite, by its name in the IANA registry; null where none was agreed on.</param>
/// <param name="ServerName">The name that was asked for (SNI); null: none.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
public sealed record HandshakeNote(Leg Leg, SslProtocols Version, string? Cipher, string? ServerName, TlsFailure? Failure)
{
    /// <summary>When it began, in ticks of the monotonic clock.</summary>
    public long From { get; init; }

    /// <summary>When it was over.</summary>
    public long To { get; init; }
}
