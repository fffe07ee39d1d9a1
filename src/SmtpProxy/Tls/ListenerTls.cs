namespace SmtpProxy.Tls;

/// <summary>What a listener does about TLS.</summary>
public enum ListenerTlsMode
{
    /// <summary>Nothing: STARTTLS and implicit TLS pass through to the relay untouched, and what is inside is not seen.</summary>
    Passthrough,

    /// <summary>The proxy offers STARTTLS and is the client's end of TLS (RFC 3207).</summary>
    StartTls,

    /// <summary>TLS from the first octet, and the proxy is the client's end of it (RFC 8314).</summary>
    Implicit,

    /// <summary>No TLS with clients, and none is offered to them: for relays to which the proxy alone speaks TLS.</summary>
    None,
}

/// <summary>The lowest version of TLS that is spoken.</summary>
public enum TlsVersion
{
    /// <summary>TLS 1.2 (RFC 5246).</summary>
    Tls12,

    /// <summary>TLS 1.3 (RFC 8446).</summary>
    Tls13,
}

/// <summary>Whether clients show a certificate.</summary>
public enum ClientCertificateUse
{
    /// <summary>They are not asked for one.</summary>
    None,

    /// <summary>They are asked; who shows one must show a good one.</summary>
    Optional,

    /// <summary>Who shows none, or not a good one, does not get through the handshake.</summary>
    Required,
}

/// <summary>TLS of a listener (<c>SmtpProxy:Listeners:NAME:Tls</c>). Read at start; the certificates' files are watched.</summary>
public sealed record ListenerTls
{
    /// <summary>What is done about TLS.</summary>
    public ListenerTlsMode Mode { get; set; }

    /// <summary>Until TLS runs, only EHLO, NOOP, STARTTLS and QUIT are answered by anything but 530 5.7.0 (RFC 3207, section 4). With
    /// <see cref="ListenerTlsMode.StartTls"/> only.</summary>
    public bool Require { get; set; }

    /// <summary>The certificates, by any name or as a list; clients that name no server, or one that no
    /// certificate is for, get the first.</summary>
    public Dictionary<string, CertificateFiles> Certificates { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The lowest version that is spoken (1.2).</summary>
    public TlsVersion MinimumVersion { get; set; }

    /// <summary>Whether clients are asked for a certificate.</summary>
    public ClientCertificateUse ClientCertificate { get; set; }

    /// <summary>A PEM file of the authorities that clients' certificates must come from.</summary>
    public string ClientCa { get; set; } = "";

    /// <summary>The proxy is the client's end of TLS.</summary>
    public bool Terminates => Mode is ListenerTlsMode.StartTls or ListenerTlsMode.Implicit;
}

/// <summary>Where a certificate is: a PEM file, or a PFX file.</summary>
public sealed record CertificateFiles
{
    /// <summary>A PEM file: the certificate, and behind it those of the authorities between it and the root.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>A PEM file with its private key; empty: it is in the certificate's file.</summary>
    public string Key { get; set; } = "";

    /// <summary>A PKCS #12 file, instead of the two.</summary>
    public string Pfx { get; set; } = "";

    /// <summary>What the private key or the PFX file is encrypted with. Never shown.</summary>
    public string Password { get; set; } = "";
}
