namespace SmtpProxy.Telemetry;

/// <summary>Attributes of instruments. Dashboards, rules and users' queries hang on these names.</summary>
internal static class Attributes
{
    public const string Operation = "smtp.operation.name";
    public const string StatusCode = "smtp.response.status_code";
    public const string EnhancedStatusCode = "smtp.response.enhanced_status_code";
    public const string Origin = "smtpproxy.origin";
    public const string Listener = "smtpproxy.listener";
    public const string Cluster = "smtpproxy.cluster";
    public const string Destination = "smtpproxy.destination";
    public const string Outcome = "smtpproxy.outcome";
    public const string Verdict = "smtpproxy.verdict";
    public const string Visibility = "smtpproxy.visibility";
    public const string Direction = "smtpproxy.direction";
    public const string Leg = "smtpproxy.leg";
    public const string Anomaly = "smtpproxy.anomaly";
    public const string Diagnosis = "smtpproxy.diagnosis";
    public const string Limit = "smtpproxy.limit";
    public const string Reason = "smtpproxy.reason";
    public const string Keyword = "smtp.keyword";
    public const string IoDirection = "network.io.direction";
    public const string FaultRule = "smtpproxy.fault.rule";
    public const string FaultAction = "smtpproxy.fault.action";
    public const string FaultPoint = "smtpproxy.fault.point";
    public const string FaultEffect = "smtpproxy.fault.effect";
    public const string FaultReason = "smtpproxy.fault.reason";
    public const string TlsVersion = "tls.protocol.version";
    public const string ErrorType = "error.type";
}

/// <summary>Values of attributes, all of closed sets.</summary>
internal static class Values
{
    /// <summary>Stands where there is no destination, because no relay was picked.</summary>
    public const string NoDestination = "none";

    /// <summary>Stands for every code outside 200-599, and for enhanced codes beyond the number kept apart.</summary>
    public const string Other = "other";

    public static string Of(SessionOutcome outcome) => outcome switch
    {
        SessionOutcome.Quit => "quit",
        SessionOutcome.ClientGone => "client_gone",
        SessionOutcome.RelayGone => "relay_gone",
        SessionOutcome.Timeout => "timeout",
        SessionOutcome.Refused => "refused",
        SessionOutcome.ConnectFailed => "connect_failed",
        SessionOutcome.Shutdown => "shutdown",
        _ => "fault",
    };

    public static string Of(Origin origin) => origin switch
    {
        Origin.Relay => "relay",
        Origin.Proxy => "proxy",
        _ => "fault",
    };

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Accepted => "accepted",
        Verdict.Tempfail => "tempfail",
        Verdict.Permfail => "permfail",
        Verdict.Partial => "partial",
        Verdict.Reset => "reset",
        _ => "aborted",
    };

    public static string Of(Visibility visibility) => visibility switch
    {
        Visibility.Tracked => "tracked",
        Visibility.OpaqueTls => "opaque_tls",
        _ => "opaque_unparsed",
    };

    public static string Of(Risk risk) => risk switch
    {
        Risk.Accepted => "accepted",
        Risk.Refused => "refused",
        _ => "unknown",
    };

    /// <summary><c>error.type</c> of a dial; null for success.</summary>
    public static string? ErrorOf(Transport.DialOutcome outcome) => outcome switch
    {
        Transport.DialOutcome.Connected => null,
        Transport.DialOutcome.Refused => "connection_refused",
        Transport.DialOutcome.TimedOut => "timeout",
        Transport.DialOutcome.TlsFailed => "tls",
        Transport.DialOutcome.GreetingFailed => "greeting",
        Transport.DialOutcome.IntroductionFailed or Transport.DialOutcome.IntroductionRefused => "introduction",
        Transport.DialOutcome.Unreachable => "unreachable",
        Transport.DialOutcome.NotDialled => "local_resources",
        _ => "connect_failed",
    };
}

/// <summary>How much of a session could be seen: <c>smtpproxy.visibility</c>.</summary>
internal enum Visibility : byte
{
    /// <summary>All of it.</summary>
    Tracked,

    /// <summary>It became TLS that is not terminated here.</summary>
    OpaqueTls,

    /// <summary>It could not be followed to its end.</summary>
    OpaqueUnparsed,
}

/// <summary>What is known of a message whose sender may not know it: <c>smtpproxy.verdict</c>.</summary>
internal enum Risk : byte
{
    /// <summary>The relay took it: it will come twice.</summary>
    Accepted,

    /// <summary>The relay refused it: nothing happens.</summary>
    Refused,

    /// <summary>The relay had all of it and its answer was not seen: it may come twice.</summary>
    Unknown,
}
