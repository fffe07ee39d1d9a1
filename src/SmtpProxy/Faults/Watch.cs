namespace SmtpProxy.Faults;

/// <summary>What live rules want to see at a point.</summary>
[Flags]
public enum Watch : byte
{
    /// <summary>Nothing: octets pass as they are.</summary>
    None,

    /// <summary>The command (or body, or end of data), before the relay gets it.</summary>
    Command = 1,

    /// <summary>The relay's whole reply, before the client gets it.</summary>
    Reply = 2,

    /// <summary>That reply, and whoever sees it may cut the client off there.</summary>
    CutsOff = 4,
}
