namespace SmtpProxy.Codes;

/// <summary>Why no relay could be reached.</summary>
public enum DialTrouble : byte
{
    /// <summary>There was no relay to dial.</summary>
    NoRelay,

    /// <summary>The name does not resolve.</summary>
    NameUnresolved,

    /// <summary>Refused (RST).</summary>
    Refused,

    /// <summary>No TCP connection in time.</summary>
    TimedOut,

    /// <summary>No route, or another failure of the network.</summary>
    Unreachable,

    /// <summary>Connected, but TLS could not be established as it must be.</summary>
    Tls,

    /// <summary>This machine could not dial: it lacks descriptors, ports, memory or leave.</summary>
    LocalResources,

    /// <summary>Connected, but no greeting came that could be begun with.</summary>
    Greeting,

    /// <summary>Connected, but the relay could not be told who the client is, as it must be.</summary>
    Introduction,
}
