using SmtpProxy.Protocol;

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

/// <summary>Tells it.</summary>
internal static class Visibilities
{
    /// <summary>How much of a session was seen that is over.</summary>
    /// <param name="opaque">Why its octets are not interpreted.</param>
    /// <param name="isLost">Whether following it failed.</param>
    public static Visibility Of(OpaqueReason opaque, bool isLost) => opaque switch
    {
        OpaqueReason.None when !isLost => Visibility.Tracked,
        OpaqueReason.Tls => Visibility.OpaqueTls,
        _ => Visibility.OpaqueUnparsed,
    };
}
