using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Telemetry;

// The facts of the dialogue, as they become certain.
public sealed partial class SessionTelemetry
{
    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        if (exchange.Verb == Verb.Greeting)
        {
            return;
        }

        Stray(exchange.Verb);
        _clock.Stamp(ref exchange);
        if (exchange.Verb != Verb.EndOfData && _clocks.TakeThinkTime(exchange.Pipelined, _clock.ReadAt) is var thought and >= 0)
        {
            Record(_instruments.ThinkDuration, thought, _listenerTags.Listener);
        }

        if (_record is not null)
        {
            Marks.SetHandle(ref exchange, _record.Opened(exchange, verb, arguments));
            if (exchange.Verb == Verb.Mail)
            {
                _headers?.Begin(exchange.Index);
                _record.MailOpened(exchange.Index, _attribution.Until(_clock.ReadAt));
            }
        }
    }

    void IDialogueObserver.CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
        _offered |= CapabilityCells.BitOf(text);
        _record?.Capabilities.Add(text);
    }

    void IDialogueObserver.Continued(ref Exchange exchange, in Reply reply)
    {
        Count(exchange, reply);
        if (exchange.Verb == Verb.Data)
        {
            // The go-ahead answers DATA.
            Answer(exchange, reply);
            if (_clocks.TakeDataReady(_clock.ReadAt) is var ready and >= 0)
            {
                _track.DataReady(ready);
                KeepIf(ready >= Trace.SlowTicks, KeepReason.Slow, Now);
                Record(_instruments.DataReadyDuration, ready, _tags.Relay);
            }
        }
        else if (exchange.Verb == Verb.Auth)
        {
            _clocks.Challenged(_clock);
        }
    }

    bool IDialogueObserver.ReadsMessage => _headers is { IsReading: true };

    void IDialogueObserver.Message(ReadOnlySpan<byte> octets) => _headers!.Read(octets);

    void IDialogueObserver.Responded(ref Exchange exchange) => _clocks.Responded(_clock);

    void IDialogueObserver.BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets)
    {
        // A body that ended earlier in this buffer is as good as forwarded.
        Body(_clocks.TakeBody(_clock.ReadAt));
        Body(_clocks.BodyEnded(endOfData, _clock));
        _clock.Stamp(ref endOfData);
        Marks.SetComplete(ref endOfData);
    }

    void IDialogueObserver.ChunkEnded(ref Exchange bdat)
    {
        _clock.Stamp(ref bdat);
        Marks.SetComplete(ref bdat);
    }

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply)
    {
        Count(exchange, reply);
        Judge(exchange, reply);
        var ticks = Answer(exchange, reply);
        switch (exchange.Verb)
        {
            case Verb.Greeting:
                _clocks.Greeted(reply.Severity == 2 && Origin == Origin.Relay);
                break;
            case Verb.Ehlo or Verb.Lhlo:
                // What a fault made of the reply says nothing of the relay.
                if (reply.Severity == 2 && Origin == Origin.Relay && !IsFaulted)
                {
                    _tags.Capabilities.Offered(_offered);
                }

                _offered = 0;
                break;
            case Verb.Rcpt or Verb.Data or Verb.Bdat or Verb.Burl or Verb.EndOfData:
                _track.Answered(exchange, reply, Origin, ticks, _record);
                break;
        }
    }

    void IDialogueObserver.Unanswered(ref Exchange exchange)
    {
        _record?.Unanswered(Marks.Handle(exchange), exchange, exchange.Verb == Verb.Greeting ? -1 : _clock.ForwardedAt(exchange) + _held);
        _stopped ??= StoppedAt(exchange);
        if (Marks.IsComplete(exchange) && (exchange.Verb == Verb.EndOfData || exchange.Last))
        {
            _track.FinalReplyMissing();
        }
    }

    void IDialogueObserver.Unsolicited(in Reply reply)
    {
        KeepFor(reply);
        _tags.CountReply(Operation.Other, Origin, reply.Code);
        if (Origin == Origin.Relay && reply.Code >= 400)
        {
            (_trouble ??= new Trouble()).Refused(Operation.Other, reply, inTransaction: false);
        }
        else if (Origin != Origin.Relay)
        {
            (_proxyCode, _waitedFor) = (reply.Code, _waitedFor ?? _attribution.Owner);
        }

        if (reply.Enhanced.IsPresent)
        {
            _tags.Enhanced.Count(Operation.Other, reply.Enhanced);
        }
    }

    void IDialogueObserver.TransactionOpened(in Transaction transaction) => _track.Open(transaction, _record);

    void IDialogueObserver.TransactionEnded(in Transaction transaction)
    {
        var verdict = _track.VerdictOf(transaction);
        KeepIf(verdict == Verdict.Aborted, KeepReason.Abort, Now);
        _instruments.Transactions.Add(1, _tags.Transactions[(int)verdict]);
        if (transaction.End == TransactionEnd.FinalReply && transaction.MessageOctets >= 0)
        {
            _instruments.MessageSize.Record(transaction.MessageOctets, _listenerTags.Cluster);
            _instruments.MessageRecipients.Record(transaction.Accepted, _listenerTags.Cluster);
        }

        if (transaction.End is TransactionEnd.ConnectionEnded or TransactionEnd.FinalReply)
        {
            CountRisk(transaction);
        }

        Ended(transaction, verdict);
        if (_headers?.Take(transaction.MailIndex) is { } header)
        {
            _track.Header(header.MessageId, header.Sender);
        }

        Body(_clocks.TakeBody(_clock.ReadAt));
        _track.End(transaction, _record, _attribution.Until(_clock.ReadAt), Now + _held);
        if (transaction.End is not (TransactionEnd.ConnectionEnded or TransactionEnd.Opaque))
        {
            Trace.TransactionEnded(Now);
        }
    }

    void IDialogueObserver.Anomalous(Anomaly anomaly, Party party, long octet)
    {
        Trace.Keep(KeepReason.Anomaly, Now);
        _instruments.Anomalies.Add(1, _listenerTags.Anomaly(anomaly));
        _anomalies |= 1UL << (int)anomaly;
        _record?.Anomalous(anomaly);
    }

    void IDialogueObserver.BecameOpaque(OpaqueReason reason, Party party, long octet)
    {
        // Whatever is shown at the end comes from the dialogue; nothing that is timed goes on.
        _isTls = reason == OpaqueReason.Tls;
        _opaque = new OpaqueNote(reason, party, octet);
    }

    void IDialogueObserver.TrackedAgain() => (_isTls, _opaque) = (false, default);

    private void Count(in Exchange exchange, in Reply reply)
    {
        KeepFor(reply);
        _tags.CountReply(exchange.Operation, Origin, reply.Code);
        if (reply.Enhanced.IsPresent)
        {
            _tags.Enhanced.Count(exchange.Operation, reply.Enhanced);
        }
    }

    private void KeepFor(in Reply reply)
    {
        KeepIf(Origin == Origin.Fault, KeepReason.Fault, Now);
        KeepIf(reply.Severity is 4 or 5, KeepReason.Error, Now);
    }

    /// <summary>An exchange is done: its time, where the relay answered and a clock ran.</summary>
    private long Answer(in Exchange exchange, in Reply reply)
    {
        var ticks = Origin == Origin.Relay ? _clocks.TakeDuration(exchange, _clock) : -1;
        if (ticks >= 0)
        {
            KeepIf(ticks >= Trace.SlowTicks, KeepReason.Slow, Now);
            Record(_instruments.OperationDuration, ticks, _tags.Answered(exchange.Operation, reply.Code));
        }

        if (_record is not null)
        {
            var began = exchange.Verb != Verb.Greeting ? _clock.ForwardedAt(exchange) : ticks < 0 ? -1 : Now - ticks;
            _record.Answered(Marks.Handle(exchange), exchange, reply, Origin, new Timing(ticks, began < 0 ? began : began + _held, Now + _held));
        }

        _clocks.AnswerGiven();
        return ticks;
    }

    private void Body(long ticks)
    {
        if (ticks >= 0)
        {
            _track.Body(ticks);
            Record(_instruments.OperationDuration, ticks, _tags.Answered(Operation.Body, 250));
        }
    }

    private void CountRisk(in Transaction transaction)
    {
        if (_track.IsAtRisk)
        {
            _instruments.AtRisk.Add(1, _tags.AtRisk[(int)Risk.Unknown]);
        }
        else if (transaction.End == TransactionEnd.FinalReply && transaction.Outcome is TransactionOutcome.Delivered or TransactionOutcome.Partial)
        {
            _unseenAcceptances++;
        }
        else if (transaction.End == TransactionEnd.FinalReply)
        {
            _unseenRefusals++;
        }
    }
}
