using System.Diagnostics;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>What was said in a session that failed, as events of its span: verbs, codes, sizes and times; no argument, no text, nothing of
/// AUTH but its verb. The first and the last exchanges where there were many.</summary>
internal static class Transcript
{
    private const int First = 16;
    private const int Last = 48;

    /// <summary>Adds the transcript to the session's span.</summary>
    public static void Write(Activity root, SessionRecord record)
    {
        var exchanges = record.Exchanges.Items;
        for (var i = 0; i < exchanges.Length; i++)
        {
            if (i < First || i >= exchanges.Length - Last)
            {
                Write(root, record, exchanges[i]);
            }
        }
    }

    private static void Write(Activity root, SessionRecord record, in ExchangeEntry exchange)
    {
        var tags = new ActivityTagsCollection { { SpanAttributes.Verb, WireNames.Of(exchange.Verb) ?? "other" } };
        if (exchange.Lines > 0)
        {
            tags.Add(Attributes.StatusCode, (int)exchange.Code);
            tags.Add(SpanAttributes.Lines, exchange.Lines);
        }

        if (exchange.Enhanced.IsPresent)
        {
            tags.Add(Attributes.EnhancedStatusCode, exchange.Enhanced.ToString());
        }

        if (exchange.Origin != Origin.Relay)
        {
            tags.Add(Attributes.Origin, AttributeValues.Of(exchange.Origin));
        }

        if (exchange.Ticks >= 0)
        {
            tags.Add(SpanAttributes.Duration, Instruments.InSeconds(exchange.Ticks));
        }

        if (exchange is { Verb: Verb.Bdat, Size: >= 0 })
        {
            tags.Add(SpanAttributes.ChunkSize, exchange.Size);
        }

        var at = exchange.Ended >= 0 ? exchange.Ended : exchange.Began;
        root.AddEvent(new ActivityEvent(SpanNames.Exchange, at < 0 ? record.Started : new DateTimeOffset(record.TimeOf(at)), tags));
    }
}
