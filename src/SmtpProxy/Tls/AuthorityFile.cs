using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Files;

namespace SmtpProxy.Tls;

/// <summary>A PEM file of authorities. Read again when it changes; while it cannot be read, the last that
/// could stays. Thread-safe.</summary>
internal sealed class AuthorityFile
{
    private static readonly ConcurrentDictionary<string, AuthorityFile> Known = new(StringComparer.Ordinal);
    private readonly string _path;
    private volatile Content _content = new(default, []);

    private AuthorityFile(string path) => _path = path;

    /// <summary>The authorities now; a file that could never be read has none, and nothing is believed.</summary>
    public X509Certificate2Collection Current
    {
        get
        {
            var stamp = FileStamp.Of(_path);
            if (stamp != _content.Stamp && TryLoad(_path, out var read) is null)
            {
                _content = new Content(stamp, read);
            }

            return _content.Certificates;
        }
    }

    /// <summary>The file of this path; one for the process.</summary>
    public static AuthorityFile Of(string path) => Known.GetOrAdd(Path.GetFullPath(path), static p => new AuthorityFile(p));

    /// <summary>Reads a file.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? TryLoad(string path, out X509Certificate2Collection certificates)
    {
        certificates = [];
        try
        {
            certificates.ImportFromPem(WholeFile.Text(path));
            return certificates.Count > 0
                ? null : $"{path} holds no certificate; write a PEM file with '-----BEGIN CERTIFICATE-----' in it";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or NotSupportedException)
        {
            return CertificateLoader.Explain(path, e);
        }
    }

    private sealed record Content(FileStamp Stamp, X509Certificate2Collection Certificates);
}
