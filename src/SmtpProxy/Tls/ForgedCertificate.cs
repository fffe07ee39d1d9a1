using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tls;

/// <summary>Certificates that no client should accept, to see whether one does. All of them sign themselves: an authority that clients
/// trust is not to be had.</summary>
public static class ForgedCertificate
{
    private const string OtherHost = "wrong-host.invalid";
    private static readonly ConcurrentDictionary<(CertificateFlaw, string), SslStreamCertificateContext> Made = new();

    /// <summary>Options of a server that shows one.</summary>
    /// <param name="flaw">What is wrong with it.</param>
    /// <param name="name">The server's true name.</param>
    public static SslServerAuthenticationOptions For(CertificateFlaw flaw, string name) => new()
    {
        // One for each listener at most: names are those of configured certificates.
        ServerCertificateContext = Made.GetOrAdd((flaw, name), static key => Make(key.Item1, key.Item2)),
        EnabledSslProtocols = RelayTls.Versions(TlsVersion.Tls12),
    };

    private static SslStreamCertificateContext Make(CertificateFlaw flaw, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var shown = flaw == CertificateFlaw.WrongHost ? OtherHost : name;
        var request = new CertificateRequest($"CN={shown}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(shown);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        var until = flaw == CertificateFlaw.Expired ? now.AddDays(-1) : now.AddYears(1);
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(now.AddDays(-30), until), null, offline: true);
    }
}
