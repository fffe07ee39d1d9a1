using SmtpProxy.Tls;

namespace SmtpProxy.Configuration.Schema;

/// <summary>The section <c>Kestrel</c>: its properties are the keys that the HTTP server really reads. It would take
/// no notice of any other.</summary>
internal sealed record ServerSettings
{
    /// <summary>Where it listens, by name.</summary>
    public Dictionary<string, EndpointSettings> Endpoints { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What end points do that do not say otherwise.</summary>
    public EndpointDefaults EndpointDefaults { get; set; } = new();

    /// <summary>The certificate of end points that have none of their own: <c>Default</c>.</summary>
    public DefaultCertificates Certificates { get; set; } = new();
}

/// <summary>What an end point may say, and what may be said for all of them.</summary>
internal record EndpointDefaults
{
    /// <summary>Versions of HTTP.</summary>
    public HttpVersions? Protocols { get; set; }

    /// <summary>Versions of TLS, as a list.</summary>
    public Dictionary<string, TlsVersion> SslProtocols { get; set; } = [];

    /// <summary>Whether clients show a certificate.</summary>
    public HttpClientCertificate? ClientCertificateMode { get; set; }
}

/// <summary>An end point.</summary>
internal sealed record EndpointSettings : EndpointDefaults
{
    /// <summary>Where it listens.</summary>
    public string Url { get; set; } = "";

    /// <summary>Its certificate, for https.</summary>
    public HttpCertificate Certificate { get; set; } = new();
}

/// <summary>Certificates that are named.</summary>
internal sealed record DefaultCertificates
{
    /// <summary>The only name that means something.</summary>
    public HttpCertificate Default { get; set; } = new();
}

/// <summary>A certificate in files.</summary>
internal sealed record HttpCertificate
{
    /// <summary>A PEM file beside <see cref="KeyPath"/>; a PKCS #12 file without it.</summary>
    public string Path { get; set; } = "";

    /// <summary>A PEM file with the private key.</summary>
    public string KeyPath { get; set; } = "";

    /// <summary>What the key or the PKCS #12 file is encrypted with.</summary>
    public string Password { get; set; } = "";
}

/// <summary>Versions of HTTP that there are here; HTTP/3 is not.</summary>
internal enum HttpVersions
{
    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2.</summary>
    Http2,

    /// <summary>What TLS negotiates; without TLS, HTTP/1.1.</summary>
    Http1AndHttp2,
}

/// <summary>Whether HTTP clients show a certificate.</summary>
internal enum HttpClientCertificate
{
    /// <summary>They do not.</summary>
    NoCertificate,

    /// <summary>They may.</summary>
    AllowCertificate,

    /// <summary>They must.</summary>
    RequireCertificate,
}
