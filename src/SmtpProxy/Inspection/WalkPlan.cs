using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Inspection;

/// <summary>Whether a walk asks for TLS.</summary>
internal enum TlsWish
{
    /// <summary>Where the server offers it.</summary>
    Offered,

    /// <summary>It must be there, and the certificate a good one.</summary>
    Required,

    /// <summary>Not at all.</summary>
    Never,
}

/// <summary>What a walk says to a server.</summary>
/// <param name="Address">The server.</param>
internal sealed record WalkPlan(RelayAddress Address)
{
    /// <summary>What to say in EHLO; null: this host's name, or else our address in brackets (RFC 5321 4.1.3).</summary>
    public string? Name { get; init; }

    /// <summary>The envelope sender; empty: the null sender, which every server must take (RFC 5321 4.5.5).</summary>
    public string From { get; init; } = "";

    /// <summary>The recipient. That of the default every server must take (RFC 5321 4.5.1).</summary>
    public string To { get; init; } = "Postmaster";

    /// <summary>Whether to ask for TLS by STARTTLS.</summary>
    public TlsWish StartTls { get; init; }

    /// <summary>The server speaks LMTP (RFC 2033).</summary>
    public bool IsLmtp { get; init; }

    /// <summary>Stops before DATA, and parts with RSET and QUIT.</summary>
    public bool StopsBeforeData { get; init; }

    /// <summary>The PROXY header that goes before everything.</summary>
    public ProxyVersion Header { get; init; }

    /// <summary>How long each step may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whose certificates are believed.</summary>
    public RelayTrust Trust { get; init; } = RelayTrust.System;

    /// <summary>The name that the certificate must be for; null: that of the address.</summary>
    public string? CertificateName { get; init; }

    /// <summary>TLS as it is to be spoken.</summary>
    public RelayTls Tls => new(Address.IsImplicitTls ? RelayTlsMode.Implicit : RelayTlsMode.Opportunistic, CertificateName ?? Address.Host,
        Trust, TlsVersion.Tls12);

    /// <summary>What greets: EHLO, or LHLO.</summary>
    public string Hello => IsLmtp ? "LHLO" : "EHLO";
}
