using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>A relay that a session asks for: where to connect to, and what the proxy agrees with it before the client is heard.</summary>
/// <param name="Connection">Where to connect to, and how.</param>
public readonly record struct RelayTarget(DialTarget Connection)
{
    /// <summary>The relay is told by XCLIENT who the client is; this is what the proxy calls itself in the EHLO before
    /// it. Null: it is not told.</summary>
    public string? IntroduceAs { get; init; }

    /// <summary>How TLS is spoken to the relay; null: it is not.</summary>
    public RelayTls? Tls { get; init; }
}
