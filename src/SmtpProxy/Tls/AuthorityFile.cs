using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Files;

namespace SmtpProxy.Tls;

/// <summary>A PEM file of authorities. Read again when it changes; while it cannot be read, the last that could stays. Handshakes wait for
/// no pipe: what an ordinary read does not give is left to who looks at all files every few seconds. Thread-safe.</summary>
internal sealed class AuthorityFile
{
    private static readonly ConcurrentDictionary<string, WeakReference<AuthorityFile>> Known = new(StringComparer.Ordinal);
    private readonly Lock _reading = new();
    private volatile Content _content = new(default, [], null, 0);

    private AuthorityFile(string path)
    {
        FilePath = path;
        Look(TimeSpan.Zero);
    }

    /// <summary>The files that somebody goes by.</summary>
    public static IEnumerable<AuthorityFile> All
    {
        get
        {
            foreach (var (path, known) in Known)
            {
                if (known.TryGetTarget(out var file))
                {
                    yield return file;
                }
                else
                {
                    Known.TryRemove(KeyValuePair.Create(path, known));
                }
            }
        }
    }

    /// <summary>Where it is.</summary>
    public string FilePath { get; }

    /// <summary>The authorities now; a file that could never be read has none, and nothing is believed.</summary>
    public X509Certificate2Collection Current
    {
        get
        {
            Look(TimeSpan.Zero);
            return _content.Certificates;
        }
    }

    /// <summary>What came of the last read of it that counts.</summary>
    public (int Reads, int Certificates, string? Problem) Told
    {
        get
        {
            var now = _content;
            return (now.Reads, now.Certificates.Count, now.Problem);
        }
    }

    /// <summary>The file of this path; one for the process.</summary>
    public static AuthorityFile Of(string path)
    {
        var full = Path.GetFullPath(path);
        if (Known.TryGetValue(full, out var known) && known.TryGetTarget(out var file))
        {
            return file;
        }

        file = new AuthorityFile(full);
        Known[full] = new WeakReference<AuthorityFile>(file);
        return file;
    }

    /// <summary>Reads it if it has changed.</summary>
    /// <param name="patience">How long a pipe in its place may take. Zero: what is wrong then is not told yet.</param>
    public void Look(TimeSpan patience)
    {
        var stamp = FileStamp.Of(FilePath);
        if (stamp == _content.Stamp || !_reading.TryEnter())
        {
            return;
        }

        try
        {
            if (TryLoad(FilePath, patience, out var read) is not { } problem)
            {
                _content = new Content(stamp, read, null, _content.Reads + 1);
            }
            else if (patience > TimeSpan.Zero)
            {
                _content = new Content(stamp, _content.Certificates, problem, _content.Reads + 1);
            }
        }
        finally
        {
            _reading.Exit();
        }
    }

    /// <summary>Reads a file.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public static string? TryLoad(string path, out X509Certificate2Collection certificates) =>
        TryLoad(path, WholeFile.Patience, out certificates);

    private static string? TryLoad(string path, TimeSpan patience, out X509Certificate2Collection certificates)
    {
        certificates = [];
        try
        {
            return CertificateLoader.Import(path, WholeFile.Text(path, patience), certificates);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or NotSupportedException)
        {
            return CertificateLoader.Explain(path, e);
        }
    }

    private sealed record Content(FileStamp Stamp, X509Certificate2Collection Certificates, string? Problem, int Reads);
}
