using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Files;

namespace SmtpProxy.Tls;

/// <summary>Reads certificates with their keys, and says in words what is wrong with them.</summary>
public static class CertificateLoader
{
    private const string PemBegin = "-----BEGIN CERTIFICATE-----";

    /// <summary>Loads a certificate.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="loaded">The certificate; null when something is wrong.</param>
    /// <returns>Null, or the setting that is wrong (a property of <see cref="CertificateFiles"/>), and what would be right.</returns>
    public static (string Setting, string Problem)? TryLoad(CertificateFiles files, out LoadedCertificate? loaded)
    {
        ArgumentNullException.ThrowIfNull(files);
        loaded = null;
        if (Contradiction(files) is { } wrong)
        {
            return wrong;
        }

        var setting = files.Pfx.Length > 0 ? nameof(files.Pfx) : nameof(files.Certificate);
        try
        {
            if (files.Pfx.Length > 0)
            {
                loaded = FromPfx(files);
                return loaded is null ? (setting, $"{files.Pfx} holds no certificate with a private key; export both into it") : null;
            }

            var text = WholeFile.Text(files.Certificate);
            var all = new X509Certificate2Collection();
            if (Import(files.Certificate, text, all) is { } unread)
            {
                return (setting, unread);
            }

            setting = files.Key.Length > 0 ? nameof(files.Key) : setting;
            var key = files.Key.Length > 0 ? WholeFile.Text(files.Key) : text;
            if (KeyProblem(files, key) is { } problem)
            {
                return (setting, problem);
            }

            var own = WithKey(text, key, files.Password);
            all.RemoveAt(0);
            loaded = new LoadedCertificate(own, all);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or NotSupportedException
            or ArgumentException)
        {
            var path = setting == nameof(files.Key) ? files.Key : setting == nameof(files.Pfx) ? files.Pfx : files.Certificate;
            return files.Password.Length > 0 && e is CryptographicException
                ? (setting, $"{path} cannot be opened with the password given, or is not well-formed: {e.Message}")
                : (setting, Explain(path, e));
        }
    }

    /// <summary>Takes all certificates of a PEM text, or says what is wrong with it: the library passes over one that is cut or
    /// damaged, and who is believed would be decided by half.</summary>
    internal static string? Import(string path, string text, X509Certificate2Collection certificates)
    {
        certificates.ImportFromPem(text);
        var begun = text.AsSpan().Count(PemBegin);
        return begun == 0 ? $"{path} holds no certificate; write a PEM file with '{PemBegin}' in it"
            : certificates.Count < begun
            ? $"{path} begins {begun} certificates, of which {certificates.Count} can be read; write the others anew, or leave them out"
            : null;
    }

    /// <summary>Why a file of certificates or keys cannot be used, and the remedy.</summary>
    internal static string Explain(string path, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"there is no file {path}; write where it is",
        UnauthorizedAccessException => $"{path} may not be read by this user; give it the right to, or write another file",
        ArgumentException => $"{path} holds a private key that is not the certificate's; write the one that it was made with",
        CryptographicException { Message: var m } when m.Contains("key", StringComparison.OrdinalIgnoreCase)
            && m.Contains("match", StringComparison.OrdinalIgnoreCase)
            => $"{path} holds a private key that is not the certificate's, or is broken; write the one that it was made with",
        _ => $"{path} cannot be used: {e.Message}",
    };

    private static (string, string)? Contradiction(CertificateFiles files)
    {
        if (files.Pfx.Length > 0)
        {
            return files.Certificate.Length + files.Key.Length == 0
                ? null : (nameof(files.Pfx), "stands beside Certificate or Key; write the one or the other");
        }

        return files.Certificate.Length == 0
            ? (nameof(files.Certificate), "missing; write the path of a PEM file, or of a PKCS #12 file as Pfx") : null;
    }

    /// <summary>What the library would say in one sentence for everything.</summary>
    private static string? KeyProblem(CertificateFiles files, string text)
    {
        var path = files.Key.Length > 0 ? files.Key : files.Certificate;
        return !text.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
            ? $"{path} holds no private key; write a PEM file with '-----BEGIN PRIVATE KEY-----' in it"
            : files.Password.Length == 0 && text.Contains("ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal)
            ? $"{path} is encrypted; write its {nameof(files.Password)} beside it"
            : null;
    }

    private static X509Certificate2 WithKey(string text, string key, string password)
    {
        var certificate = password.Length > 0
            ? X509Certificate2.CreateFromEncryptedPem(text, key, password)
            : X509Certificate2.CreateFromPem(text, key);
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // On Windows a handshake cannot use a key that was never in a key store.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static LoadedCertificate? FromPfx(CertificateFiles files)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(WholeFile.Read(files.Pfx), files.Password);
        if (all.FirstOrDefault(static c => c.HasPrivateKey) is not { } own)
        {
            return null;
        }

        all.Remove(own);
        return new LoadedCertificate(own, all);
    }
}
