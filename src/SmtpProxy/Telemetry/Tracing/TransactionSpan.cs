using System.Diagnostics;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>The span of one transaction while its children are made; disposing it ends it. It may be missing: a transaction of a long
/// session that nothing distinguishes.</summary>
internal sealed class TransactionSpan : IDisposable
{
    /// <summary>RCPTs that get a span each; the rest is summed up in one event.</summary>
    public const int MostRecipients = 64;

    private readonly Activity? _span;
    private readonly DateTime _ended;
    private int _recipients;
    private int _refused;
    private long _ticks;

    private TransactionSpan(Activity? span, DateTime ended) => (_span, _ended) = (span, ended);

    /// <summary>The parent of its exchanges.</summary>
    public ActivityContext Context => _span?.Context ?? default;

    /// <summary>Begins the span, if the transaction gets one.</summary>
    public static TransactionSpan Start(SessionTracer tracer, SessionRecord record, in TransactionEntry transaction, Activity root,
        bool isOwnTrace, long at)
    {
        var began = record.TimeOf(transaction.Ended - transaction.Shares.Total);
        var span = !isOwnTrace ? SpanFactory.StartChild(tracer.Source, SpanNames.Transaction, ActivityKind.Internal, root.Context, began,
            Links(transaction, null))
            : IsWanted(tracer, transaction, at)
                ? SpanFactory.StartRoot(tracer.Source, SpanNames.Transaction, began, ActivityKind.Internal, Links(transaction, root))
            : null;
        if (span is not null)
        {
            Describe(span, record, transaction);
        }

        return new TransactionSpan(span, record.TimeOf(transaction.Ended));
    }

    /// <summary>Returns whether an exchange of the transaction gets a span.</summary>
    public bool Takes(in ExchangeEntry exchange)
    {
        if (_span is null || exchange.Verb != Verb.Rcpt || ++_recipients <= MostRecipients)
        {
            return _span is not null;
        }

        _refused += exchange.Code is >= 400 and < 600 ? 1 : 0;
        _ticks += Math.Max(0, exchange.Ticks);
        return false;
    }

    public void Dispose()
    {
        if (_span is null)
        {
            return;
        }

        if (_recipients > MostRecipients)
        {
            var more = _recipients - MostRecipients;
            _span.AddEvent(new ActivityEvent(SpanNames.RecipientSummary, new DateTimeOffset(_ended), new ActivityTagsCollection
            {
                { SpanAttributes.Accepted, more - _refused }, { SpanAttributes.Rejected, _refused },
                { SpanAttributes.Duration, Instruments.InSeconds(_ticks) },
            }));
        }

        SpanFactory.End(_span, _ended);
    }

    private static bool IsWanted(SessionTracer tracer, in TransactionEntry transaction, long at) =>
        tracer.TryTakeTransaction(transaction.Verdict switch
        {
            Verdict.Accepted or Verdict.Reset => null,
            Verdict.Aborted => KeepReason.Abort,
            _ => KeepReason.Error,
        }, at);

    private static List<ActivityLink>? Links(in TransactionEntry transaction, Activity? session)
    {
        List<ActivityLink>? links = null;
        if (session is not null)
        {
            (links ??= []).Add(new ActivityLink(session.Context));
        }

        if (transaction.Sender != default)
        {
            (links ??= []).Add(new ActivityLink(transaction.Sender));
        }

        return links;
    }

    private static void Describe(Activity span, SessionRecord record, in TransactionEntry transaction)
    {
        ref readonly var facts = ref transaction.Facts;
        span.SetTag(Attributes.Outcome, AttributeValues.Of(transaction.Verdict));
        span.SetTag(Attributes.Destination, record.Destination);
        span.SetTag(SpanAttributes.Accepted, facts.Accepted);
        span.SetTag(SpanAttributes.Rejected, facts.Rejected);
        if (facts.Via != Via.None)
        {
            span.SetTag(SpanAttributes.Via, facts.Via.ToString().ToUpperInvariant());
        }

        if (facts.MessageOctets >= 0)
        {
            span.SetTag(SpanAttributes.MessageSize, facts.MessageOctets);
        }

        if (transaction.QueueId.Exists)
        {
            span.SetTag(SpanAttributes.QueueId, WireText.Of(record.Text[transaction.QueueId]));
        }

        if (transaction.MessageId.Exists)
        {
            span.SetTag(SpanAttributes.MessageId, WireText.Of(record.Text[transaction.MessageId]));
        }

        span.SetTag(SpanAttributes.ClientTime, Instruments.InSeconds(transaction.Shares.Client));
        span.SetTag(SpanAttributes.RelayTime, Instruments.InSeconds(transaction.Shares.Relay));
        span.SetTag(SpanAttributes.ProxyTime, Instruments.InSeconds(transaction.Shares.Proxy));
        if (ErrorTypes.Of(transaction) is { } error)
        {
            span.SetTag(Attributes.ErrorType, error);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
