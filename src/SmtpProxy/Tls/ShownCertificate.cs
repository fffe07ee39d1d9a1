using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>The certificate that a peer showed last. Thread-safe; costs a handshake the comparison of a few hundred octets, as long as it
/// is the same.</summary>
public sealed class ShownCertificate
{
    private const int MostNames = 8;
    private readonly Lock _changing = new();
    private volatile CertificateFacts? _last;
    private byte[] _raw = [];

    /// <summary>What is known of it; null: none was shown.</summary>
    public CertificateFacts? Last => _last;

    /// <summary>It was shown.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="problem">Why it was not believed; null: it was, or nobody looks.</param>
    internal void Note(X509Certificate2 certificate, string? problem)
    {
        var raw = certificate.RawDataMemory.Span;
        var last = _last;
        if (last is not null && last.Problem == problem && raw.SequenceEqual(_raw))
        {
            last.SeenAt = DateTimeOffset.UtcNow;
            return;
        }

        lock (_changing)
        {
            _raw = raw.ToArray();
            _last = new CertificateFacts(
                CertificateName.Of(certificate.SubjectName), CertificateName.Of(certificate.IssuerName),
                [.. LoadedCertificate.NamesOf(certificate).Take(MostNames).Select(CertificateName.Shown)],
                new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()),
                certificate.GetCertHashString(HashAlgorithmName.SHA256), problem)
            {
                SeenAt = DateTimeOffset.UtcNow,
            };
        }
    }
}
