using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>A certificate with its private key and the authorities between it and the root, ready for handshakes. Immutable.</summary>
public sealed class LoadedCertificate
{
    private const string AlternativeNames = "2.5.29.17";
    private readonly X509Certificate2 _certificate;

    internal LoadedCertificate(X509Certificate2 certificate, X509Certificate2Collection others)
    {
        _certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, others, offline: true);
        Names = NamesOf(certificate);
    }

    /// <summary>The DNS names and IP addresses that it is for; wildcards as they are written.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>From when it is good.</summary>
    public DateTimeOffset NotBefore => new(_certificate.NotBefore.ToUniversalTime());

    /// <summary>Until when it is good.</summary>
    public DateTimeOffset NotAfter => new(_certificate.NotAfter.ToUniversalTime());

    /// <summary>Kind and size of its key: <c>RSA 2048</c>, <c>ECDSA 256</c>.</summary>
    public string KeyType => KeyTypeOf(_certificate);

    internal SslStreamCertificateContext Context { get; }

    /// <summary>Whether it is for a name (RFC 6125, section 6.4.3: a wildcard stands for one whole label, the leftmost).</summary>
    internal bool IsFor(string name) => Names.Any(own => own.Equals(name, StringComparison.OrdinalIgnoreCase)
        || (own.StartsWith("*.", StringComparison.Ordinal) && name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
            && name.AsSpan(dot).Equals(own.AsSpan(1), StringComparison.OrdinalIgnoreCase)));

    /// <summary>The names in a certificate: the alternative ones, or else the common one.</summary>
    internal static IReadOnlyList<string> NamesOf(X509Certificate2 certificate)
    {
        try
        {
            if (certificate.Extensions[AlternativeNames] is { } found)
            {
                var names = found as X509SubjectAlternativeNameExtension ?? new X509SubjectAlternativeNameExtension(found.RawData);
                string[] all = [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(static a => a.ToString())];
                if (all.Length > 0)
                {
                    return all;
                }
            }
        }
        catch (CryptographicException)
        {
            // A relay may show anything; the name in its subject is all that is left.
        }

        return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common ? [common] : [];
    }

    private static string KeyTypeOf(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        using var ecdsa = certificate.GetECDsaPublicKey();
        return rsa is not null ? $"RSA {rsa.KeySize}" : ecdsa is not null
            ? $"ECDSA {ecdsa.KeySize}" : certificate.PublicKey.Oid.FriendlyName ?? "unknown";
    }
}
