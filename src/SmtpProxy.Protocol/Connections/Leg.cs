namespace SmtpProxy.Protocol.Connections;

/// <summary>One of a session's two connections, and the party at its far end.</summary>
public enum Leg : byte
{
    /// <summary>The client's: it connected to us and sends commands.</summary>
    Client,

    /// <summary>The relay's: we dialled it, and it sends replies.</summary>
    Relay,
}
