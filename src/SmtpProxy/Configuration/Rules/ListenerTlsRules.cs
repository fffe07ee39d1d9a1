using SmtpProxy.Configuration.Schema;
using SmtpProxy.Tls;

namespace SmtpProxy.Configuration.Rules;

/// <summary>What TLS of a listener must be: complete, without contradiction, and with files that can be used.</summary>
internal static class ListenerTlsRules
{
    /// <summary>What is wrong.</summary>
    /// <param name="key">The section's path.</param>
    /// <param name="tls">What it says.</param>
    public static IEnumerable<Problem> Check(string key, ListenerTls tls) =>
        tls.Terminates ? CheckTerminating(key, tls) : CheckIdle(key, tls);

    private static IEnumerable<Problem> CheckTerminating(string key, ListenerTls tls)
    {
        if (tls.Require && tls.Mode == ListenerTlsMode.Implicit)
        {
            yield return Problem.At($"{key}:{nameof(tls.Require)}",
                $"means something with {key}:{nameof(tls.Mode)}={nameof(ListenerTlsMode.StartTls)} only, as here nothing is said before " +
                    $"TLS; remove it");
        }

        var certificates = $"{key}:{nameof(tls.Certificates)}";
        if (tls.Certificates.Count == 0)
        {
            yield return Problem.At(certificates,
                $"there is none; write {certificates}:0:{nameof(CertificateFiles.Certificate)} and {nameof(CertificateFiles.Key)}, the " +
                    $"paths of PEM files, or {key}:{nameof(tls.Mode)}={nameof(ListenerTlsMode.Passthrough)}");
        }

        foreach (var (name, files) in tls.Certificates)
        {
            if (CertificateLoader.TryLoad(files, out _) is { } wrong)
            {
                yield return Problem.At($"{certificates}:{name}:{wrong.Setting}", wrong.Problem);
            }
        }

        var (asks, ca) = (tls.ClientCertificate != ClientCertificateUse.None, $"{key}:{nameof(tls.ClientCa)}");
        if (asks && tls.ClientCa.Length == 0)
        {
            yield return Problem.At(ca,
                "missing; write the path of a PEM file of the authorities that clients' certificates must come from");
        }
        else if (!asks && tls.ClientCa.Length > 0)
        {
            yield return Problem.At(ca,
                $"means something with {key}:{nameof(tls.ClientCertificate)}=Optional or Required only; write one of them, or remove it");
        }
        else if (asks && RelayTrust.Problem(tls.ClientCa) is { } wrong)
        {
            yield return Problem.At(ca, wrong);
        }
    }

    /// <summary>Where no TLS is terminated, settings of it would be believed to do something.</summary>
    private static IEnumerable<Problem> CheckIdle(string key, ListenerTls tls)
    {
        (string Name, bool IsSet)[] all =
        [
            (nameof(tls.Require), tls.Require), (nameof(tls.Certificates), tls.Certificates.Count > 0),
            (nameof(tls.MinimumVersion), tls.MinimumVersion != default),
            (nameof(tls.ClientCertificate), tls.ClientCertificate != default), (nameof(tls.ClientCa), tls.ClientCa.Length > 0),
        ];
        return all.Where(static s => s.IsSet).Select(s => Problem.At($"{key}:{s.Name}",
            $"means something only where the proxy terminates TLS; write {key}:{nameof(tls.Mode)}={nameof(ListenerTlsMode.StartTls)} or " +
                $"{nameof(ListenerTlsMode.Implicit)}, or remove it"));
    }
}
