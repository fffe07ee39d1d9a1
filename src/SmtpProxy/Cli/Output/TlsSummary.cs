using System.Globalization;
using SmtpProxy.Tls;

namespace SmtpProxy.Cli.Output;

/// <summary>TLS of the listeners and the relays as it would be, for people to read.</summary>
internal static class TlsSummary
{
    /// <summary>A listener's certificates, one a line; nothing where TLS passes through.</summary>
    public static IEnumerable<string> Of(ListenerTls tls, DateTimeOffset now)
    {
        if (tls.Mode == ListenerTlsMode.Passthrough)
        {
            yield break;
        }

        var clients = tls.ClientCertificate == ClientCertificateUse.None
            ? "" : $", client certificates {tls.ClientCertificate.ToString().ToLowerInvariant()}";
        yield return $"  tls     " +
            $"{tls.Mode}{(tls.Require ? ", required" : "")}" +
                $"{(tls.Terminates ? $", from {Version(tls.MinimumVersion)}{clients}" : ", none is offered")}";
        foreach (var (name, files) in tls.Certificates)
        {
            if (CertificateLoader.TryLoad(files, out var certificate) is null)
            {
                yield return $"  cert    {name}: {string.Join(", ", certificate!.Names)}; {certificate.KeyType}; " +
                    $"{Expiry(certificate, now)}";
            }
        }
    }

    private static string Version(TlsVersion version) => version == TlsVersion.Tls13 ? "TLS 1.3" : "TLS 1.2";

    private static string Expiry(LoadedCertificate certificate, DateTimeOffset now)
    {
        var days = (int)Math.Floor((certificate.NotAfter - now).TotalDays);
        var until = certificate.NotAfter.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
        return certificate.NotAfter <= now ? $"EXPIRED on {until}: replace it, clients will refuse it"
            : certificate.NotBefore > now ? "NOT GOOD YET: check the clock, or wait"
            : $"until {until}, {days} days";
    }
}
