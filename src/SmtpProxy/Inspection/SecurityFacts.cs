using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Tls;

namespace SmtpProxy.Inspection;

/// <summary>What a handshake agreed on, and what certificate the server showed.</summary>
internal sealed class SecurityFacts
{
    /// <summary><c>TLSv1.3</c>.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The suite, by its name in IANA's registry.</summary>
    public string Cipher { get; private set; } = "";

    /// <summary>Whom the certificate is for.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>Who signed it.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>The chain as it was built, the server's own certificate first: subject and last day of each.</summary>
    public IReadOnlyList<(string Subject, DateTimeOffset NotAfter)> Chain { get; private set; } = [];

    /// <summary>SHA-256 of the certificate, hexadecimal.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <summary>Until when the certificate is good; null: none was shown.</summary>
    public DateTimeOffset? NotAfter { get; private set; }

    /// <summary>Why it is not believed; null: it is.</summary>
    public TlsFailure? Problem { get; private set; }

    /// <summary>Whole days until the first certificate of the chain is no longer good; negative: it is so already.</summary>
    public int? DaysLeft(DateTimeOffset now) =>
        Chain.Count == 0 ? null : (int)Math.Floor((Chain.Min(static c => c.NotAfter) - now).TotalDays);

    /// <summary>Takes over what a certificate says and what is wrong with it.</summary>
    /// <returns>True: the handshake goes on whatever it is, because this is a look and no mail depends on it.</returns>
    internal bool Take(X509Certificate? certificate, X509Chain? chain, TlsFailure? problem)
    {
        Problem = problem;
        if (certificate is not X509Certificate2 own)
        {
            return true;
        }

        (Names, Issuer, NotAfter) = (LoadedCertificate.NamesOf(own), CertificateName.Of(own.IssuerName),
            new DateTimeOffset(own.NotAfter.ToUniversalTime()));
        Fingerprint = own.GetCertHashString(HashAlgorithmName.SHA256);
        X509Certificate2[] built = chain is { ChainElements.Count: > 0 }
            ? [.. chain.ChainElements.Select(static e => e.Certificate)] : [own];
        Chain = [.. built.Select(static c => (CertificateName.Of(c.SubjectName), new DateTimeOffset(c.NotAfter.ToUniversalTime())))];
        return true;
    }

    internal void Take(SslStream agreed) =>
        (Version, Cipher) = (agreed.SslProtocol.ToString().Replace("Tls1", "TLSv1.", StringComparison.Ordinal)
            .Replace("Tls", "TLSv", StringComparison.Ordinal), agreed.NegotiatedCipherSuite.ToString());
}
