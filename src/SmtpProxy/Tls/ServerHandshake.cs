using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SmtpProxy.Tls;

/// <summary>One handshake with a client. Use <see cref="SelectAsync"/> as the callback of
/// <see cref="SslStream.AuthenticateAsServerAsync(ServerOptionsSelectionCallback, object?, CancellationToken)"/>.</summary>
public sealed class ServerHandshake
{
    private const int LongestName = 255;
    private readonly ServerTls _tls;

    internal ServerHandshake(ServerTls tls) => _tls = tls;

    /// <summary>The name that the client asked for (RFC 6066, section 3); null: none, or it has not spoken yet.</summary>
    public string? ServerName { get; private set; }

    /// <summary>Why the client's certificate was not believed; null while nothing is wrong with it.</summary>
    public TlsFailure? Rejected { get; private set; }

    /// <summary>Chooses the certificate once the client has named the server it wants. No ALPN is asked for: a client
    /// may offer what it likes.</summary>
    /// <exception cref="AuthenticationException">There is no certificate.</exception>
    public ValueTask<SslServerAuthenticationOptions> SelectAsync(SslStream stream, SslClientHelloInfo hello, object? state,
        CancellationToken cancel)
    {
        // The client chooses this name, and it is recorded: anything that is not a host name counts as none.
        ServerName = hello.ServerName is { Length: > 0 and <= LongestName } name
            && name.All(static c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_') ? name : null;
        var certificate = _tls.Pick(hello.ServerName ?? "")
            ?? throw new AuthenticationException($"listener '{_tls.Listener}' has no certificate");
        var rules = _tls.Rules;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Context,
            EnabledSslProtocols = RelayTls.Versions(rules.MinimumVersion),
            ClientCertificateRequired = rules.ClientCertificate != ClientCertificateUse.None,
        };
        if (rules.ClientCertificate != ClientCertificateUse.None)
        {
            options.CertificateChainPolicy = _tls.ClientPolicy();
            options.RemoteCertificateValidationCallback = Judge;
        }

        return new(options);
    }

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Rejected = certificate is null
            ? _tls.Rules.ClientCertificate == ClientCertificateUse.Optional ? null : TlsFailure.NoClientCertificate
            : CertificateJudge.OfClient(chain, errors);
        return Rejected is null;
    }
}
