namespace SmtpProxy.Telemetry.Facts;

/// <summary>What is known of a message whose sender may not know it: <c>smtpproxy.verdict</c>.</summary>
internal enum Risk : byte
{
    /// <summary>The relay took it: the message will come twice.</summary>
    Accepted,

    /// <summary>The relay refused it: nothing happens.</summary>
    Refused,

    /// <summary>The relay had all of it and its reply was not seen: the message may come twice.</summary>
    Unknown,
}
