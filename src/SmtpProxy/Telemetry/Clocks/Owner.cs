namespace SmtpProxy.Telemetry.Clocks;

/// <summary>Whose moment it is.</summary>
internal enum Owner : byte
{
    /// <summary>The relay has answered everything, or does not have the rest of the message yet.</summary>
    Client,

    /// <summary>The relay owes an answer.</summary>
    Relay,

    /// <summary>Octets were read and not yet handed on.</summary>
    Proxy,
}
