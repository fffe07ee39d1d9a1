using System.Diagnostics;
using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Writes the attributes of the session's own span.</summary>
internal static class RootSpan
{
    public static void Describe(Activity root, SessionRecord record, KeepReason reason)
    {
        root.SetTag(SpanAttributes.Session, record.Session.ToString());
        root.SetTag(Attributes.Listener, record.Listener);
        root.SetTag(Attributes.Cluster, record.Cluster);
        root.SetTag(Attributes.Destination, record.Destination ?? AttributeValues.NoDestination);
        if (record.Client is IPEndPoint client)
        {
            root.SetTag(SpanAttributes.ClientAddress, client.Address.Unmapped().ToString());
            root.SetTag(SpanAttributes.ClientPort, client.Port);
        }

        root.SetTag(SpanAttributes.ProtocolName, record.Protocol == DialogueProtocol.Lmtp ? "lmtp" : "smtp");
        root.SetTag(Attributes.Outcome, AttributeValues.Of(record.Outcome));
        root.SetTag(SpanAttributes.FinalState, WireNames.Of(record.FinalState));
        root.SetTag(SpanAttributes.Tls, WireNames.Of(record.Tls));
        TlsSpans.Describe(root, record.Hello);
        root.SetTag(SpanAttributes.ClientTime, Instruments.InSeconds(record.Shares.Client));
        root.SetTag(SpanAttributes.RelayTime, Instruments.InSeconds(record.Shares.Relay));
        root.SetTag(SpanAttributes.ProxyTime, Instruments.InSeconds(record.Shares.Proxy));
        root.SetTag(SpanAttributes.Reason, KeepReasons.Of(reason));
        if (record.Anomalies.Count > 0)
        {
            root.SetTag(SpanAttributes.Anomalies, record.Anomalies.Select(WireNames.Of).ToArray());
        }

        if (record.ExchangesDropped > 0)
        {
            root.SetTag(SpanAttributes.Dropped, record.ExchangesDropped);
        }

        if (ErrorTypes.Of(record) is { } error)
        {
            root.SetTag(Attributes.ErrorType, error);
            root.SetStatus(ActivityStatusCode.Error);
        }
    }
}
