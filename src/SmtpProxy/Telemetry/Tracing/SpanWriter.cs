using System.Diagnostics;
using System.Runtime.InteropServices;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Makes the spans of a session that is kept, from its record, afterwards: transactions when they have ended, the
/// rest with the session.</summary>
internal sealed class SpanWriter
{
    /// <summary>Transactions within the session's own trace; each one more gets a trace of its own, linked to it.</summary>
    public const int MostTransactions = 32;

    private readonly SessionTracer _tracer;
    private readonly SessionRecord _record;
    private readonly Activity _root;
    private readonly ExchangeSpans _exchanges;
    private int _nextTransaction;
    private int _transactions;
    private int _nextExchange;
    private long _goAhead = -1;
    private int _writtenThrough;

    public SpanWriter(SessionTracer tracer, SessionRecord record, Activity root)
    {
        (_tracer, _record, _root) = (tracer, record, root);
        _exchanges = new ExchangeSpans(tracer.Source, record);
    }

    /// <summary>Writes the transactions that have ended since the last call.</summary>
    public void WriteTransactions(long at)
    {
        for (; _nextTransaction < _record.Transactions.Count; _nextTransaction++)
        {
            ref readonly var transaction = ref CollectionsMarshal.AsSpan(_record.Transactions)[_nextTransaction];
            WriteCommandsBefore(transaction.Facts.MailIndex);
            using var span = TransactionSpan.Start(_tracer, _record, transaction, _root, isOwnTrace: _transactions++ >= MostTransactions,
                at);
            WriteCommandsOf(transaction, span);
        }
    }

    /// <summary>Writes everything that ended, because the record is about to forget it.</summary>
    public void WriteAll(long at)
    {
        WriteTransactions(at);
        WriteCommandsBefore(int.MaxValue);
        (_nextTransaction, _nextExchange, _goAhead) = (0, 0, -1);
    }

    /// <summary>Writes the dials, the greeting, the commands after the last transaction, and the spans that others measured.</summary>
    public void WriteRest(List<LateSpan>? extra)
    {
        foreach (ref readonly var dial in CollectionsMarshal.AsSpan(_record.Dials))
        {
            _exchanges.WriteDial(dial, _root.Context);
        }

        if (_record.Greeting.Lines > 0)
        {
            _exchanges.Write(_record.Greeting, _root.Context);
        }

        WriteCommandsBefore(int.MaxValue);
        foreach (var span in extra ?? [])
        {
            _exchanges.Write(span, _root.Context);
        }
    }

    /// <summary>Writes the root's attributes, and ends it.</summary>
    public void Complete(KeepReason reason, List<KeyValuePair<string, object?>>? attributes,
        List<(string Name, long At, ActivityTagsCollection Tags)>? events, long at)
    {
        RootSpan.Describe(_root, _record, reason);
        foreach (var (name, value) in attributes ?? [])
        {
            _root.SetTag(name, value);
        }

        foreach (var (name, when, tags) in events ?? [])
        {
            _root.AddEvent(new ActivityEvent(name, new DateTimeOffset(_record.TimeOf(when)), tags));
        }

        if (_root.Status == ActivityStatusCode.Error)
        {
            Transcript.Write(_root, _record);
        }

        SpanFactory.End(_root, _record.TimeOf(at));
    }

    /// <summary>Writes commands outside of transactions, as children of the session's span.</summary>
    private void WriteCommandsBefore(int index)
    {
        var exchanges = _record.Exchanges.Items[_nextExchange..];
        foreach (ref readonly var exchange in exchanges)
        {
            if (exchange.Index >= index)
            {
                break;
            }

            _nextExchange++;
            if (exchange.Index > _writtenThrough)
            {
                _exchanges.Write(exchange, _root.Context);
            }
        }
    }

    private void WriteCommandsOf(in TransactionEntry transaction, TransactionSpan span)
    {
        var exchanges = _record.Exchanges.Items;
        var next = exchanges.Length;
        for (var i = _nextExchange; i < exchanges.Length; i++)
        {
            ref readonly var exchange = ref exchanges[i];
            if (exchange.Index > transaction.LastIndex)
            {
                // A pipelined command after it; replies per recipient can still follow.
                next = Math.Min(next, i);
            }
            else if (exchange.Index > _writtenThrough)
            {
                Write(exchange, transaction, span);
            }
        }

        _nextExchange = next;
        _writtenThrough = transaction.LastIndex;
    }

    private void Write(in ExchangeEntry exchange, in TransactionEntry transaction, TransactionSpan span)
    {
        var isPart = exchange.Index == transaction.Facts.MailIndex
            || exchange.Verb is Verb.Rcpt or Verb.Data or Verb.Bdat or Verb.Burl or Verb.EndOfData;
        if (!isPart)
        {
            _exchanges.Write(exchange, _root.Context);
        }
        else if (span.Takes(exchange))
        {
            if (exchange is { Verb: Verb.EndOfData, Part: 0 } && transaction.Body >= 0 && exchange.Began >= 0)
            {
                // Where the end of data seems later than its reply it was moved back to that, and the body with
                // it: but not to before the go-ahead.
                _exchanges.WriteBody(Math.Min(Math.Max(exchange.Began - transaction.Body, _goAhead), exchange.Began), exchange.Began,
                    span.Context);
            }

            _goAhead = exchange.Verb == Verb.Data ? exchange.Ended : _goAhead;

            _exchanges.Write(exchange, span.Context);
        }
    }
}
