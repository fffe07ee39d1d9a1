using SmtpProxy.Tls;

namespace SmtpProxy.Transport.Security;

/// <summary>What one pair's encryption asks: it knows how, its office knows whether, and with which certificates.</summary>
internal interface ITlsOffice
{
    /// <summary>How long a handshake may take.</summary>
    TimeSpan Patience { get; }

    /// <summary>TLS with the client from its first octet on; null: not.</summary>
    TlsShake? ClientAtOnce();

    /// <summary>TLS with this relay from the first octet on; null: not.</summary>
    TlsShake? RelayAtOnce(RelayTls relay);

    /// <summary>The client is to be served: makes who stands above.</summary>
    IPairHandler Open(TlsPair pair);

    /// <summary>A handshake is over.</summary>
    void Over(TlsHandshake handshake);

    /// <summary>The pair is closed; the last call, also where nobody ever stood above.</summary>
    void Closed();
}
