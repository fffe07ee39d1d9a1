namespace SmtpProxy.Telemetry.Facts;

/// <summary>Why a session's trace is kept: <c>smtpproxy.reason</c> of <c>smtpproxy.traces.kept</c> and <c>.dropped</c>.
/// The first reason stands.</summary>
public enum KeepReason : byte
{
    /// <summary>Drawn by lot when it began (<c>head</c>).</summary>
    Head,

    /// <summary>A 4yz or 5yz, or a relay that could not be reached (<c>error</c>).</summary>
    Error,

    /// <summary>Something on the wire that the RFCs do not allow (<c>anomaly</c>).</summary>
    Anomaly,

    /// <summary>A transaction or the session did not end in good order (<c>abort</c>).</summary>
    Abort,

    /// <summary>An armed fault (<c>fault</c>).</summary>
    Fault,

    /// <summary>The relay took longer than the threshold (<c>slow</c>).</summary>
    Slow,
}

/// <summary>Names of reasons in metrics and traces.</summary>
internal static class KeepReasons
{
    public static string Of(KeepReason reason) => reason switch
    {
        KeepReason.Head => "head",
        KeepReason.Error => "error",
        KeepReason.Anomaly => "anomaly",
        KeepReason.Abort => "abort",
        KeepReason.Fault => "fault",
        _ => "slow",
    };
}
