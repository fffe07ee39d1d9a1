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

    /// <summary>The proxy waited for the client for as long as its limits allow.</summary>
    ClientSilent,

    /// <summary>The proxy waited for the relay for as long as its limits allow.</summary>
    RelaySilent,

    /// <summary>No relay could be reached.</summary>
    NotConnected,

    /// <summary>A limit of the proxy on sessions was met.</summary>
    Capped,

    /// <summary>The listener serves others.</summary>
    NotServed,

    /// <summary>The proxy was stopping.</summary>
    Stopping,

    /// <summary>TLS is required of the client, and what it sent could not lead there.</summary>
    Insecure,

    /// <summary>The client may speak for others, for all that can be told of its dialogue, and is not allowed to.</summary>
    Unidentified,

    /// <summary>An armed fault.</summary>
    Fault,
}
