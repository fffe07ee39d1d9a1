using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>A certificate for this machine, good for the time of a rehearsal: in one file with its key for the proxy, in another alone for
/// clients that shall trust it.</summary>
internal sealed class StandCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpproxy-rehearse-");

    /// <summary>Makes it.</summary>
    public StandCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));
        (Whole, Public) = (Path.Combine(_folder.FullName, "proxy.pem"), Path.Combine(_folder.FullName, "ca.pem"));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            // The start warns of a private key that others may read.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(Whole, options);
        file.Write($"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
        File.WriteAllText(Public, certificate.ExportCertificatePem() + "\n");
    }

    /// <summary>The PEM file with the key.</summary>
    public string Whole { get; }

    /// <summary>The PEM file without it.</summary>
    public string Public { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
