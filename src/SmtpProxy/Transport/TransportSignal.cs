namespace SmtpProxy.Transport;

/// <summary>What transports ask of themselves by <see cref="IPair.Signal"/>. Below 0, where no handler has a number, and no handler hears of it.</summary>
internal enum TransportSignal
{
    /// <summary>Encryption that went on on another thread has come to something.</summary>
    EncryptionProgressed = -1,

    /// <summary>Octets that were given back are to be delivered.</summary>
    DeliverHeld = -2,
}
