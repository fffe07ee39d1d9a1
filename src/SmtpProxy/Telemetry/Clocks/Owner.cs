namespace SmtpProxy.Telemetry.Clocks;

/// <summary>Who makes the session wait at a moment.</summary>
internal enum Owner : byte
{
    /// <summary>The relay has replied to everything, or does not have the rest of the message yet.</summary>
    Client,

    /// <summary>The relay owes a reply.</summary>
    Relay,

    /// <summary>Octets have come and were not yet handed on.</summary>
    Proxy,
}
