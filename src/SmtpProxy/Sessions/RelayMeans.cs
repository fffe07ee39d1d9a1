namespace SmtpProxy.Sessions;

/// <summary>What a session is able to agree with a relay; made with it, out of what its cluster's relays ask for then.</summary>
[Flags]
internal enum RelayMeans : byte
{
    /// <summary>Nothing: octets are moved.</summary>
    None = 0,

    /// <summary>The relay can be told who the client is.</summary>
    Introduction = 1,

    /// <summary>TLS can be spoken with the relay.</summary>
    Encryption = 2,
}
