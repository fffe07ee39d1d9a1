using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Demo;

/// <summary>Certificates that sign themselves, good for three months; the proxy's own in a file, which is where it reads it.</summary>
internal sealed class DemoCertificate : IDisposable
{
    /// <summary>Whom the proxy's names.</summary>
    public const string Subject = "CN=submission.example";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpproxy-demo-");

    /// <summary>Writes the proxy's.</summary>
    public DemoCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(Subject, key);
        Path = System.IO.Path.Combine(_folder.FullName, "submission.pem");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            // The start warns of a private key that others may read.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(Path, options);
        file.Write($"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
    }

    /// <summary>The PEM file, key included.</summary>
    public string Path { get; }

    /// <summary>A certificate with its key.</summary>
    public static X509Certificate2 Sign(string subject, ECDsa key)
    {
        var now = DateTimeOffset.UtcNow;
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
