namespace SmtpProxy.Telemetry.Facts;

/// <summary>Who caused a reply: <c>smtpproxy.origin</c>.</summary>
public enum Origin : byte
{
    /// <summary>The relay said it.</summary>
    Relay,

    /// <summary>The proxy said it in the relay's place.</summary>
    Proxy,

    /// <summary>An armed fault said it.</summary>
    Fault,
}
