using SmtpProxy.Tls;

namespace SmtpProxy.Upstreams;

/// <summary>The certificate that a relay showed last, to a session or to a probe.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="Issuer">Who signed it.</param>
/// <param name="Names">The first names that it is for.</param>
/// <param name="NotBefore">Since when it is good.</param>
/// <param name="Expires">Until when.</param>
/// <param name="Fingerprint">SHA-256, in hexadecimal, as <c>Smtp.TlsPins</c> takes it.</param>
/// <param name="Problem">Why it was not believed; null: it was, or nobody looks (<c>Smtp.TlsVerify</c>).</param>
/// <param name="SeenAt">When it was shown last.</param>
public sealed record RelayCertificate(
    string Subject, string Issuer, IReadOnlyList<string> Names, DateTimeOffset NotBefore, DateTimeOffset Expires, string Fingerprint,
    string? Problem, DateTimeOffset SeenAt)
{
    /// <summary>What TLS with it has shown; null: none was spoken by the proxy itself.</summary>
    internal static RelayCertificate? Of(ShownCertificate shown) => shown.Last is { } last
        ? new RelayCertificate(
            last.Subject, last.Issuer, last.Names, last.NotBefore, last.NotAfter, last.Fingerprint, last.Problem, last.SeenAt)
        : null;
}
