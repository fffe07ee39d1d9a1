using System.Diagnostics;
using System.Runtime.InteropServices;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Records;

/// <summary>Follows the open transaction: what telemetry knows of it beside the protocol library's facts.</summary>
internal struct TransactionTrack
{
    private EarlyRefusals _refusals;
    private TransactionEntry _entry;
    private Shares _before;
    private bool _isOpen;
    private bool _relayHasAll;

    /// <summary>Whether a transaction is open.</summary>
    public readonly bool IsOpen => _isOpen;

    /// <summary>The connection ended it: how long it lasted is known when the session is over.</summary>
    public bool EndedWithConnection { get; private set; }

    /// <summary>The relay had the whole message, and the client was told something else than what the relay makes of it.</summary>
    public readonly bool IsAtRisk => _relayHasAll;

    /// <summary>MAIL was accepted.</summary>
    public void Open(in Transaction transaction, SessionRecord? record)
    {
        this = default;
        _isOpen = true;
        _entry.QueueId = _entry.MessageId = TextSpan.None;
        (_entry.DataReady, _entry.Body, _entry.Accept) = (-1, -1, -1);
        _entry.LastIndex = transaction.MailIndex;
        if (record is not null)
        {
            _entry.Recipients.Start = record.Recipients.Count;
            _entry.FinalCodes.Start = record.FinalCodes.Count;
            _before = record.TakeMailOpened(transaction.MailIndex);
        }
    }

    /// <summary>220 to 354, in ticks.</summary>
    public void DataReady(long ticks) => _entry.DataReady = ticks;

    /// <summary>The client's time for the body, in ticks.</summary>
    public void Body(long ticks) => _entry.Body = ticks;

    /// <summary>What the message's header said.</summary>
    public void Header(TextSpan messageId, ActivityContext sender) => (_entry.MessageId, _entry.Sender) = (messageId, sender);

    /// <summary>RCPT, DATA, BDAT, BURL or the end of data was answered.</summary>
    public void Answered(in Exchange exchange, in Reply reply, Origin origin, long ticks, SessionRecord? record)
    {
        if (!_isOpen)
        {
            return;
        }

        _refusals.Answered(exchange, reply.Code);
        _entry.LastIndex = exchange.Index;
        if (exchange.Verb == Verb.Rcpt)
        {
            _entry.Recipients.Count += record?.AddRecipient(exchange.Index) ?? 0;
            return;
        }

        if (exchange.Verb != Verb.EndOfData && !exchange.Last)
        {
            // A chunk that is refused decides like a verdict (RFC 3030 2), whatever is said to those after it.
            _entry.FinalCodes.Count += reply.Severity is 4 or 5 && (exchange.IsChunk || exchange.Verb == Verb.Burl)
                ? record?.AddFinalCode(reply.Code) ?? 0 : 0;
            return;
        }

        _entry.Accept = ticks;
        _relayHasAll |= origin != Origin.Relay && Marks.IsComplete(exchange);
        if (record is not null)
        {
            _entry.FinalCodes.Count += record.AddFinalCode(reply.Code);
            if (reply.Severity == 2 && record.Transactions.Count < record.MaxEntries && QueueId.Find(reply.Text) is { IsEmpty: false } id)
            {
                record.Text.TryAdd(id, out _entry.QueueId);
            }
        }
    }

    /// <summary>Returns the outcome for metrics.</summary>
    public readonly Verdict VerdictOf(in Transaction transaction) => _refusals.Of(transaction);

    /// <summary>The transaction ended.</summary>
    public void End(in Transaction transaction, SessionRecord? record, Shares now, long at)
    {
        if (record is not null)
        {
            _entry.Facts = transaction;
            (_entry.Verdict, _entry.Ended) = (_refusals.Of(transaction), at);
            if (transaction.End is TransactionEnd.ConnectionEnded or TransactionEnd.Opaque)
            {
                // Commands without a reply were part of it.
                _entry.LastIndex = int.MaxValue;
            }

            _entry.Shares = now - _before;
            EndedWithConnection = record.Ended(_entry) && transaction.End == TransactionEnd.ConnectionEnded;
        }

        _isOpen = false;
    }

    /// <summary>The session is over. A transaction that ended with it lasted as long as it did, which was not known yet.</summary>
    public readonly void Finish(SessionRecord record, Shares all)
    {
        if (EndedWithConnection)
        {
            ref var last = ref CollectionsMarshal.AsSpan(record.Transactions)[^1];
            last.Shares = all - _before;
            last.Ended = record.StartedAt + all.Total;
        }
    }
}
