using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>Says in words what is wrong with a certificate that a peer has shown.</summary>
internal static class CertificateJudge
{
    /// <summary>Names shown of a certificate that is for others.</summary>
    private const int MostNames = 5;

    private const X509ChainStatusFlags Time = X509ChainStatusFlags.NotTimeValid;
    private const X509ChainStatusFlags Root = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>A relay's certificate; null when it is a good one.</summary>
    public static TlsFailure? OfRelay(RelayTls tls, X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (!tls.Trust.Verifies)
        {
            return null;
        }

        if (certificate is null)
        {
            return new TlsFailure(TlsFailure.Untrusted, "the relay showed no certificate");
        }

        var fingerprint = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
        if (tls.Trust.IsPinned)
        {
            return tls.Trust.IsPin(certificate) ? null
                : new TlsFailure(TlsFailure.NotPinned,
                    $"the certificate's fingerprint is none of those configured: it is sha256:{fingerprint}") { Fingerprint = fingerprint };
        }

        // A certificate that nobody trusted has signed can claim any name, so the missing trust is told first.
        var flaw = OfChain(chain, errors, isClients: false)
            ?? (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? Mismatch(tls, certificate) : null);
        return flaw is null ? null : flaw with { Fingerprint = fingerprint };
    }

    /// <summary>A client's certificate; null when it is a good one. Clients are people: theirs is not named.</summary>
    public static TlsFailure? OfClient(X509Chain? chain, SslPolicyErrors errors) => OfChain(chain, errors, isClients: true);

    /// <summary>Where a certificate comes from and whether its time has come; null when all is well.</summary>
    private static TlsFailure? OfChain(X509Chain? chain, SslPolicyErrors errors, bool isClients)
    {
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return null;
        }

        X509ChainElement[] elements = [.. chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>()];
        foreach (var element in elements)
        {
            if (element.ChainElementStatus.Any(static s => (s.Status & Time) != 0))
            {
                return TimeOf(element.Certificate, isLeaf: element == elements[0]);
            }
        }

        var statuses = chain?.ChainStatus ?? [];
        if (statuses.Any(static s => (s.Status & Root) != 0) && elements.LastOrDefault() is { Certificate: var last })
        {
            var name = isClients && elements.Length == 1 ? null : CertificateName.Of(last.SubjectName);
            return new TlsFailure(TlsFailure.Untrusted, last.SubjectName.RawData.AsSpan().SequenceEqual(last.IssuerName.RawData)
                ? elements.Length > 1 ? $"untrusted root: {name}" : name is null ? "self-signed" : $"self-signed: {name}"
                : $"untrusted root: the issuer of {name ?? "the certificate"} is not known: {CertificateName.Of(last.IssuerName)}");
        }

        return new TlsFailure(TlsFailure.Untrusted, statuses.Select(static s => s.StatusInformation.Trim())
            .FirstOrDefault(static s => s.Length > 0) ?? "its chain cannot be built");
    }

    private static TlsFailure TimeOf(X509Certificate2 certificate, bool isLeaf)
    {
        var whose = isLeaf ? "the certificate" : $"the certificate of {CertificateName.Of(certificate.SubjectName)}";
        var isEarly = certificate.NotBefore.ToUniversalTime() > DateTime.UtcNow;
        return new TlsFailure(TlsFailure.Expired, isEarly
            ? $"{whose} is not good before {Day(certificate.NotBefore)}"
            : $"{whose} expired on {Day(certificate.NotAfter)}");
    }

    private static TlsFailure Mismatch(RelayTls tls, X509Certificate2 certificate)
    {
        var names = LoadedCertificate.NamesOf(certificate);
        var shown = names.Count == 0 ? "nobody"
            : string.Join(", ", names.Take(MostNames).Select(CertificateName.Shown))
            + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
        return new TlsFailure(TlsFailure.NameMismatch, $"name mismatch: the certificate is for {shown}, the relay is {tls.ServerName}");
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
