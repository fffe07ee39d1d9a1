using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>Throw-away authorities and certificates, as PEM files in a directory of their own. Each is made
/// when it is first asked for.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("smtpproxy-tls-");
    private readonly Lazy<Authority> _trusted;
    private readonly Lazy<Authority> _intermediate;
    private readonly Lazy<Authority> _other;
    private int _count;

    public TestCertificates()
    {
        _trusted = new(() => Authority.Root("CN=Test CA"));
        _intermediate = new(() => _trusted.Value.Below("CN=Test Intermediate"));
        _other = new(() => Authority.Root("CN=Other CA"));
    }

    /// <summary>Where the files are.</summary>
    public string Path => _directory.FullName;

    /// <summary>The certificate of the authority that is to be trusted.</summary>
    public string Ca => Write("ca.pem", _trusted.Value.Certificate.ExportCertificatePem());

    /// <summary>The certificate of an authority that is not.</summary>
    public string OtherCa => Write("other-ca.pem", _other.Value.Certificate.ExportCertificatePem());

    /// <summary>For localhost, 127.0.0.1 and ::1, and good.</summary>
    public PemFiles Good() => Make(_trusted.Value, "localhost");

    /// <summary>For these names, and good.</summary>
    public PemFiles For(params string[] names) => Make(_trusted.Value, names);

    /// <summary>Good for so long from now.</summary>
    public PemFiles Until(TimeSpan left, params string[] names) => Make(_trusted.Value, names, Now.AddDays(-30), Now + left);

    /// <summary>Good until yesterday.</summary>
    public PemFiles Expired() => Make(_trusted.Value, ["localhost"], Now.AddDays(-30), Now.AddDays(-1));

    /// <summary>Good from tomorrow on.</summary>
    public PemFiles Early() => Make(_trusted.Value, ["localhost"], Now.AddDays(1), Now.AddDays(30));

    /// <summary>For wrong.example alone.</summary>
    public PemFiles WrongHost() => Make(_trusted.Value, "wrong.example");

    /// <summary>For localhost, by the authority that is not trusted.</summary>
    public PemFiles Untrusted() => Make(_other.Value, "localhost");

    /// <summary>Signed by an intermediate authority, whose certificate is behind it in the file.</summary>
    public PemFiles Chained() => Make(_intermediate.Value, "localhost");

    /// <summary>A client's, which <see cref="Ca"/> vouches for.</summary>
    public PemFiles Client() => Make(_trusted.Value, ["client.example"], Now.AddDays(-1), Now.AddDays(30), "1.3.6.1.5.5.7.3.2");

    /// <summary>A client's, which nobody vouches for.</summary>
    public PemFiles UntrustedClient() => Make(_other.Value, ["client.example"], Now.AddDays(-1), Now.AddDays(30), "1.3.6.1.5.5.7.3.2");

    /// <summary>Writes a file into the directory.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private PemFiles Make(Authority authority, params string[] names) => Make(authority, names, Now.AddDays(-1), Now.AddDays(30));

    private PemFiles Make(Authority authority, string[] names, DateTimeOffset from, DateTimeOffset to, string use = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = authority.Sign(key, names, from, to, use);
        var number = Interlocked.Increment(ref _count);
        var chain = certificate.ExportCertificatePem() + "\n"
            + (authority.IsRoot ? "" : authority.Certificate.ExportCertificatePem() + "\n");
        var secret = key.ExportPkcs8PrivateKeyPem() + "\n";
        return new PemFiles(
            Write($"{number}.crt", chain), Write($"{number}.key", secret), Write($"{number}.pem", secret + chain),
            certificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    private sealed record Authority(X509Certificate2 Certificate, bool IsRoot)
    {
        public static Authority Root(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return new Authority(RequestOf(name, key).CreateSelfSigned(Now.AddYears(-1), Now.AddYears(1)), true);
        }

        public Authority Below(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var signed = RequestOf(name, key).Create(Certificate, Now.AddYears(-1).AddDays(1), Now.AddDays(360), Serial());
            return new Authority(signed.CopyWithPrivateKey(key), false);
        }

        public X509Certificate2 Sign(ECDsa key, string[] names, DateTimeOffset from, DateTimeOffset to, string use)
        {
            var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
            var also = new SubjectAlternativeNameBuilder();
            foreach (var name in names)
            {
                also.AddDnsName(name);
            }

            if (names.Contains("localhost"))
            {
                also.AddIpAddress(IPAddress.Loopback);
                also.AddIpAddress(IPAddress.IPv6Loopback);
            }

            request.CertificateExtensions.Add(also.Build());
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
            return request.Create(Certificate, from, to, Serial());
        }

        private static CertificateRequest RequestOf(string name, ECDsa key)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
            return request;
        }

        private static byte[] Serial() => [0x01, .. RandomNumberGenerator.GetBytes(15)];
    }
}

/// <summary>A certificate in files.</summary>
/// <param name="Certificate">It, and the intermediate authority behind it where there is one.</param>
/// <param name="Key">Its private key, PKCS #8.</param>
/// <param name="Both">Key and certificate in one file, as Postfix's <c>smtpd_tls_chain_files</c> wants them.</param>
/// <param name="Sha256">Its fingerprint.</param>
internal sealed record PemFiles(string Certificate, string Key, string Both, string Sha256)
{
    /// <summary>As a certificate of a listener on the command line.</summary>
    public IEnumerable<string> Arguments(string listener, string name = "0") =>
    [
        $"--SmtpProxy:Listeners:{listener}:Tls:Certificates:{name}:Certificate={Certificate}",
        $"--SmtpProxy:Listeners:{listener}:Tls:Certificates:{name}:Key={Key}",
    ];

    /// <summary>For a scripted peer.</summary>
    public X509Certificate2 Load() => X509Certificate2.CreateFromPemFile(Certificate, Key);
}
