namespace SmtpProxy.Codes;

/// <summary>How a session came to its end, as far as a diagnosis tells cases apart.</summary>
public enum SessionBreak : byte
{
    /// <summary>QUIT was answered.</summary>
    Quit,

    /// <summary>The client closed first.</summary>
    ClientGone,

    /// <summary>The relay closed first.</summary>
    RelayGone,

    /// <summary>A limit of ours on waiting for the client ran out.</summary>
    ClientSilent,

    /// <summary>A limit of ours on waiting for the relay ran out.</summary>
    RelaySilent,

    /// <summary>No relay could be reached.</summary>
    NotConnected,

    /// <summary>A cap of ours.</summary>
    Capped,

    /// <summary>The listener serves others.</summary>
    NotServed,

    /// <summary>We were stopping.</summary>
    Stopping,

    /// <summary>TLS is required of the client, and what it sent could not lead there.</summary>
    Insecure,

    /// <summary>The client may speak for others, for all that can be told of its dialogue, and is not allowed to.</summary>
    Unidentified,

    /// <summary>An armed fault.</summary>
    Fault,
}
