using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Attributes that only spans have. Those they share with metrics are in <see cref="Attributes"/>.</summary>
internal static class SpanAttributes
{
    public const string Session = "smtpproxy.session";
    public const string Reason = "smtpproxy.trace.reason";
    public const string Anomalies = "smtpproxy.anomalies";
    public const string FinalState = "smtpproxy.final_state";
    public const string Tls = "smtpproxy.tls";
    public const string ClientTime = "smtpproxy.client.time";
    public const string RelayTime = "smtpproxy.relay.time";
    public const string ProxyTime = "smtpproxy.proxy.time";
    public const string Dropped = "smtpproxy.exchanges.dropped";
    public const string ClientAddress = "client.address";
    public const string ClientPort = "client.port";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string ProtocolName = "network.protocol.name";
    public const string Verb = "smtp.command.verb";
    public const string Pipelined = "smtp.command.pipelined";
    public const string Lines = "smtp.response.lines";
    public const string Duration = "smtp.operation.duration";
    public const string Mechanism = "smtp.auth.mechanism";
    public const string Challenges = "smtp.auth.challenges";
    public const string ChunkSize = "smtp.chunk.size";
    public const string From = "smtp.mail.from";
    public const string To = "smtp.rcpt.to";
    public const string Accepted = "smtp.recipients.accepted";
    public const string Rejected = "smtp.recipients.rejected";
    public const string Via = "smtp.message.via";
    public const string MessageSize = "smtp.message.size";
    public const string MessageId = "smtp.message.id";
    public const string QueueId = "smtp.queue.id";
}
