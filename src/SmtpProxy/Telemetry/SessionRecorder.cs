using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Records;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>Fills a session's record, from which its journal line and its trace are made, and follows the open transaction. Where nobody
/// wants a record, nothing is kept of an exchange that is over.</summary>
/// <param name="record">The record; null: nobody wants one.</param>
internal struct SessionRecorder(SessionRecord? record)
{
    private SessionRecord? _record = record;
    private MessageHeaders? _headers;
    private TransactionTrack _transaction;

    /// <summary>The record; null: there is none, or the session is over.</summary>
    public readonly SessionRecord? Record => _record;

    /// <summary>Whether octets of the message at hand are wanted.</summary>
    public readonly bool ReadsMessage => _headers is { IsReading: true };

    /// <summary>Whether a transaction is open.</summary>
    public readonly bool InTransaction => _transaction.IsOpen;

    /// <summary>Whether the session ends with its last transaction, of which not all is known yet.</summary>
    public readonly bool EndsWithTransaction => _transaction.EndedWithConnection;

    /// <summary>Whether the relay had the whole message and the client was told something else than what the relay makes of it.</summary>
    public readonly bool IsAtRisk => _transaction.IsAtRisk;

    /// <summary>Headers of messages are read with this; null: they are not.</summary>
    public void ReadHeaders(MessageHeaders? headers) => _headers = headers;

    /// <summary>A relay is being dialled. What was agreed with one that was left says nothing of this one.</summary>
    public readonly void Dialling(string destination)
    {
        if (_record is not null)
        {
            (_record.Destination, _record.Relay, _record.RelayLocal, _record.RelayTls, _record.Introduction) =
                (destination, null, null, null, null);
        }
    }

    /// <summary>A dial is over.</summary>
    /// <param name="dial">What came of it.</param>
    /// <param name="from">When it began, for the record.</param>
    /// <param name="to">When the connection was established, or given up.</param>
    /// <param name="error">Its <c>error.type</c>; null when it connected.</param>
    public readonly void Dialled(in DialResult dial, long from, long to, string? error)
    {
        if (_record is null)
        {
            return;
        }

        _record.Dials.Add(new DialEntry(_record.Destination!, from, to, error, dial.Remote));
        if (dial.Outcome == DialOutcome.Connected)
        {
            (_record.Relay, _record.RelayLocal) = (dial.Remote, dial.Local);
        }
    }

    /// <summary>A handshake of the proxy's own is over.</summary>
    public readonly void Handshaken(HandshakeNote note)
    {
        if (_record is not null && note.Leg == Leg.Client)
        {
            _record.ClientTls = note;
        }
        else if (_record is not null)
        {
            _record.RelayTls = note;
        }
    }

    /// <summary>The client began TLS that passes through.</summary>
    public readonly void Hello(ClientHello hello) => _record!.Hello = hello;

    /// <summary>The relay was told who the client is; null: it was not.</summary>
    public readonly void Introduced(IntroductionNote? note)
    {
        if (_record is not null)
        {
            _record.Introduction = note;
        }
    }

    /// <summary>A fault was injected.</summary>
    public readonly void Injected(FaultNote note) => _record?.Injected(note);

    /// <summary>An anomaly was seen.</summary>
    public readonly void Anomalous(Anomaly anomaly) => _record?.Anomalous(anomaly);

    /// <summary>A command, or the beginning of a message.</summary>
    public readonly void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments, in SessionClocks clocks)
    {
        if (_record is not null)
        {
            Keep(_record, ref exchange, verb, arguments, clocks);
        }
    }

    /// <summary>The arguments of a command that was opened without them.</summary>
    public readonly void Revealed(in Exchange exchange, ReadOnlySpan<byte> arguments) =>
        _record?.Revealed(Marks.Handle(exchange), arguments);

    /// <summary>One line of an EHLO or LHLO reply.</summary>
    public readonly void CapabilityLine(ReadOnlySpan<byte> text) => _record?.Capabilities.Add(text);

    /// <summary>Octets of a message whose header is wanted.</summary>
    public readonly void Message(ReadOnlySpan<byte> octets) => _headers!.Read(octets);

    /// <summary>An exchange was answered, after so many ticks; -1: no clock ran.</summary>
    public readonly void Answered(in Exchange exchange, in Reply reply, Origin origin, long ticks, in SessionClocks clocks)
    {
        if (_record is not null)
        {
            _record.Answered(Marks.Handle(exchange), exchange, reply, origin, clocks.TimingOf(exchange, ticks));
        }
    }

    /// <summary>RCPT, DATA, BDAT, BURL or the end of data was answered.</summary>
    public void TransactionAnswered(in Exchange exchange, in Reply reply, Origin origin, long ticks) =>
        _transaction.Answered(exchange, reply, origin, ticks, _record);

    /// <summary>An exchange will not be answered.</summary>
    public readonly void Unanswered(in Exchange exchange, in SessionClocks clocks) =>
        _record?.Unanswered(Marks.Handle(exchange), exchange, exchange.Verb == Verb.Greeting ? -1 : clocks.ForwardedAt(exchange));

    /// <summary>An end of data that is listed since its body began was never sent. Within a body nothing else is
    /// opened: it is the last.</summary>
    public readonly void Withdrawn(in Exchange endOfData)
    {
        if (_record?.Exchanges is { } exchanges && Marks.Handle(endOfData) is > 0 and var handle && handle == exchanges.Count)
        {
            exchanges.RemoveLast();
        }
    }

    /// <summary>The transaction's 354 came so many ticks after the greeting.</summary>
    public void DataReady(long ticks) => _transaction.DataReady(ticks);

    /// <summary>The client took so many ticks to send the body.</summary>
    public void Body(long ticks) => _transaction.Body(ticks);

    /// <summary>MAIL was accepted.</summary>
    public void TransactionOpened(in Transaction transaction) => _transaction.Open(transaction, _record);

    /// <summary>The outcome of a transaction for metrics.</summary>
    public readonly Verdict VerdictOf(in Transaction transaction) => _transaction.VerdictOf(transaction);

    /// <summary>Takes what the header of this transaction's message said.</summary>
    public void TakeHeader(in Transaction transaction)
    {
        if (_headers?.Take(transaction.MailIndex) is { } header)
        {
            _transaction.Header(header.MessageId, header.Sender);
        }
    }

    /// <summary>A transaction ended.</summary>
    public void TransactionEnded(in Transaction transaction, in SessionClocks clocks) =>
        _transaction.End(transaction, _record, clocks.UntilRead(), clocks.RecordUntilRead);

    /// <summary>A finding with the relay's own words, as far as the session's privacy level allows them in the record.</summary>
    public readonly Finding? Said(Finding? finding) =>
        finding is null || _record is not { } record
            ? finding : finding with { Said = RefusalText.Of(finding.Refusal, record.Addresses.RefusalText), Refusal = null };

    /// <summary>The session is over.</summary>
    /// <returns>The record, complete, which is the caller's from here; null: there is none.</returns>
    public SessionRecord? Close(Dialogue dialogue, in SessionEnd end)
    {
        if (_record is not { } record)
        {
            return null;
        }

        _transaction.Finish(record, end.Shares);
        record.Settle(dialogue, end.Visibility != Visibility.Tracked, end.Outcome, end.Octets, end.Shares);
        (record.Finding, record.Opaque) = (end.Finding, end.Opaque);
        _record = null;
        return record;
    }

    private readonly void Keep(SessionRecord record, ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments,
        in SessionClocks clocks)
    {
        Marks.SetHandle(ref exchange, record.Opened(exchange, verb, arguments));
        if (exchange.Verb == Verb.Mail)
        {
            _headers?.Begin(exchange.Index);
            record.MailOpened(exchange.Index, clocks.UntilRead());
        }
    }
}
