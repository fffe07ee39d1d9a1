namespace SmtpProxy.Telemetry.Facts;

/// <summary>How much of a session could be seen: <c>smtpproxy.visibility</c>.</summary>
internal enum Visibility : byte
{
    /// <summary>The whole dialogue was followed.</summary>
    Tracked,

    /// <summary>It became TLS that is not terminated here.</summary>
    OpaqueTls,

    /// <summary>It could not be followed to its end.</summary>
    OpaqueUnparsed,
}
