using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Telemetry.Metrics;

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
    public const string Owner = "smtpproxy.owner";
    public const string Transport = "smtpproxy.transport";
    public const string State = "smtpproxy.state";
    public const string WaitingFor = "smtpproxy.waiting_for";
    public const string Channel = "smtpproxy.channel";
    public const string Cause = "smtpproxy.cause";
    public const string Reason = "smtpproxy.reason";
    public const string Signal = "smtpproxy.signal";
    public const string Keyword = "smtp.keyword";
    public const string IoDirection = "network.io.direction";
    public const string FleetUse = "smtpproxy.fleet.use";
    public const string FaultRule = "smtpproxy.fault.rule";
    public const string FaultAction = "smtpproxy.fault.action";
    public const string FaultPoint = "smtpproxy.fault.point";
    public const string FaultEffect = "smtpproxy.fault.effect";
    public const string FaultReason = "smtpproxy.fault.reason";
    public const string TlsVersion = "tls.protocol.version";
    public const string ErrorType = "error.type";
}
