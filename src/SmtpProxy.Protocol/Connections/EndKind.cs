namespace SmtpProxy.Protocol.Connections;

/// <summary>How one direction of a connection ends.</summary>
public enum EndKind : byte
{
    /// <summary>FIN: everything sent before it arrives.</summary>
    Fin,

    /// <summary>RST, or any other error of the connection. It is gone in both directions, and what was under way is lost.</summary>
    Reset,
}
