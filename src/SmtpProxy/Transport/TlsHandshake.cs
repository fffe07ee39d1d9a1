using System.Security.Authentication;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport;

/// <summary>A TLS handshake that is over.</summary>
/// <param name="Leg">With whom.</param>
/// <param name="Began">Ticks of the monotonic clock when it began: when we were ready for it.</param>
/// <param name="Ended">When it was over.</param>
/// <param name="Version">What was agreed on; none where it failed.</param>
/// <param name="Cipher">The cipher suite's registered name; null where it failed.</param>
/// <param name="ServerName">The name that the client asked for (RFC 6066, section 3); null: none.</param>
/// <param name="Failure">What it failed for; null where it went well.</param>
public sealed record TlsHandshake(Leg Leg, long Began, long Ended, SslProtocols Version, string? Cipher, string? ServerName,
    Exception? Failure)
{
    /// <summary>Whether what follows is encrypted.</summary>
    public bool Succeeded => Failure is null;
}
