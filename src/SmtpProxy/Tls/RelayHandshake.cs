using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>One handshake with a relay.</summary>
public sealed class RelayHandshake
{
    private readonly RelayTls _tls;

    internal RelayHandshake(RelayTls tls)
    {
        _tls = tls;
        Options = new SslClientAuthenticationOptions
        {
            TargetHost = tls.ServerName,
            EnabledSslProtocols = RelayTls.Versions(tls.MinimumVersion),
            CertificateChainPolicy = tls.Trust.Policy(),
            AllowTlsResume = tls.Resumes,
            RemoteCertificateValidationCallback = Judge,
        };
    }

    /// <summary>For <see cref="SslStream.AuthenticateAsClientAsync(SslClientAuthenticationOptions, CancellationToken)"/>; once.</summary>
    public SslClientAuthenticationOptions Options { get; }

    /// <summary>Why the relay's certificate was not believed; null while nothing is wrong with it.</summary>
    public TlsFailure? Rejected { get; private set; }

    /// <summary>Until when the relay's certificate is good, believed or not; null: it showed none yet.</summary>
    public DateTimeOffset? PeerExpires { get; private set; }

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        PeerExpires = (certificate as X509Certificate2)?.NotAfter.ToUniversalTime();
        Rejected = CertificateJudge.OfRelay(_tls, certificate as X509Certificate2, chain, errors);
        if (certificate is X509Certificate2 shown)
        {
            _tls.Shown.Note(shown, Rejected?.Words);
        }

        if (Rejected is null)
        {
            return true;
        }

        _tls.Distrust();
        return false;
    }
}
