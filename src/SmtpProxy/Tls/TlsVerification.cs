namespace SmtpProxy.Tls;

/// <summary>Whether a relay's certificate is looked at.</summary>
public enum TlsVerification
{
    /// <summary>It must be a good one, see <see cref="RelayTrust"/>.</summary>
    Full,

    /// <summary>It is not: whoever is between the proxy and the relay can be the relay.</summary>
    None,
}
