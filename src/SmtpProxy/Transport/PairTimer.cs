namespace SmtpProxy.Transport;

/// <summary>The timers of a pair. Setting one replaces its deadline.</summary>
public enum PairTimer : byte
{
    /// <summary>Waiting for octets of the client.</summary>
    ClientRead,

    /// <summary>Waiting for the client to take octets.</summary>
    ClientWrite,

    /// <summary>Waiting for octets of the relay, or for the dial.</summary>
    RelayRead,

    /// <summary>Waiting for the relay to take octets.</summary>
    RelayWrite,

    /// <summary>Free for the session.</summary>
    Session,

    /// <summary>Waiting for the client's part of a TLS handshake.</summary>
    ClientHandshake,

    /// <summary>Waiting for the relay's part of a TLS handshake, or of what comes before it.</summary>
    RelayHandshake,

    /// <summary>Free, as <see cref="Session"/> is: for what stands between the session and its pair.</summary>
    Spare,

    /// <summary>Waiting for the client's kernel to confirm what was sent to it.</summary>
    Receipt,
}
