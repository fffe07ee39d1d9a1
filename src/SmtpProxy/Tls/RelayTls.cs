using System.Security.Authentication;

namespace SmtpProxy.Tls;

/// <summary>How TLS is spoken to a relay.</summary>
public enum RelayTlsMode
{
    /// <summary>As the client did: STARTTLS where it said STARTTLS, from the first octet where it began so, and
    /// none where it had none.</summary>
    AsClient,

    /// <summary>None.</summary>
    None,

    /// <summary>By STARTTLS where the relay offers it. A handshake that fails then fails the session all the same.</summary>
    Opportunistic,

    /// <summary>By STARTTLS, and a relay that does not offer it gets no mail.</summary>
    Required,

    /// <summary>From the first octet (RFC 8314); what <c>smtps://</c> means.</summary>
    Implicit,
}

/// <summary>How the proxy speaks TLS to one relay, and what came of it. Thread-safe.</summary>
/// <param name="Mode">When.</param>
/// <param name="ServerName">The name that the relay's certificate must be for and that is sent as SNI (RFC 6066, section 3): a
/// DNS name or an IP address.</param>
/// <param name="Trust">What is believed of its certificate.</param>
/// <param name="MinimumVersion">The lowest version.</param>
public sealed record RelayTls(RelayTlsMode Mode, string ServerName, RelayTrust Trust, TlsVersion MinimumVersion)
{
    private volatile bool _hasDistrusted;

    /// <summary>What the proxy calls itself where it says EHLO for itself, before STARTTLS.</summary>
    public string HelloName { get; set; } = "localhost";

    /// <summary>The relay speaks LMTP (RFC 2033): the proxy says LHLO there.</summary>
    public bool IsLmtp { get; set; }

    /// <summary>The certificate that the relay showed last.</summary>
    public ShownCertificate Shown { get; } = new();

    /// <summary>Whether its sessions of TLS are resumed. One is kept before its certificate is judged, and with TLS 1.2 it shows that
    /// certificate whenever it is resumed: a relay that gets a better one and keeps the keys of its tickets would be refused all the
    /// same, until the last of those runs out. Whoever was refused once has full handshakes.</summary>
    internal bool Resumes => !_hasDistrusted;

    /// <summary>As the client did, and believing the system's authorities, for a relay of this name.</summary>
    public static RelayTls Default(string serverName) => new(RelayTlsMode.AsClient, serverName, RelayTrust.System, TlsVersion.Tls12);

    /// <summary>One handshake with the relay: its options, and afterwards why its certificate was not believed.</summary>
    public RelayHandshake Begin() => new(this);

    /// <summary>Its certificate was refused.</summary>
    internal void Distrust() => _hasDistrusted = true;

    /// <summary>The versions that are spoken.</summary>
    internal static SslProtocols Versions(TlsVersion minimum) =>
        minimum == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13;
}
