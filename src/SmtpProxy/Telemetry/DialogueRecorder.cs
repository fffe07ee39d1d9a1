using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Telemetry;

/// <summary>Takes the facts of a session's dialogue as they become certain, and gives each to the parts of the session's telemetry, which
/// it holds. Used on the session's loop only.</summary>
/// <remarks>The parts are fields and no objects: a session costs one allocation for them all, and an exchange none.</remarks>
internal sealed class DialogueRecorder(Instruments instruments, string listener, string cluster, SessionRecord? record, SessionTrace trace)
    : IDialogueObserver
{
    public SessionMetrics Metrics = new(instruments, trace, instruments.Tags(listener, cluster));
    public SessionClocks Clocks;
    public OctetFlow Flow;
    public FailureEvidence Evidence;
    public AttemptTrack Attempts;
    public TlsRecorder Tls;
    public SessionRecorder Record = new(record);

    /// <summary>The relay's replies are counted in a dialogue of its own, and not as the client hears them.</summary>
    public bool AreApart;

    /// <summary>Why the dialogue is not followed any more.</summary>
    public OpaqueNote Opaque;

    /// <summary>The session's trace.</summary>
    public SessionTrace Trace => Metrics.Trace;

    /// <summary>Whether a fault has struck.</summary>
    public bool IsStruck { get; set; }

    /// <summary>Who is speaking while the dialogue is fed.</summary>
    public Origin Origin { get; set; }

    public bool ReadsMessage => Record.ReadsMessage;

    /// <summary>The buffer was forwarded, or waits for <paramref name="blocked"/>, which does not take it.</summary>
    public void Forwarded(Dialogue dialogue, Leg? blocked, long at)
    {
        var to = Flow.ReadFrom.Other();
        Flow.Block(to, blocked == to);
        if (blocked is null)
        {
            Metrics.Overhead(Flow.ReadFrom, at - Clocks.ReadAt);
        }

        Clocks.Forwarded(dialogue is { Outstanding: 0, ClientPhase: ClientPhase.Command }, at);
        BodyForwarded(Clocks.TakeBody(at));
        Metrics.Spent(Clocks.TakeEachSecond(at));
    }

    public void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        if (exchange.Verb == Verb.Greeting)
        {
            return;
        }

        Evidence.Opened(exchange.Verb);
        Clocks.Stamp(ref exchange);
        if (Clocks.TakeThinkTime(exchange) is var thought and >= 0)
        {
            Metrics.Thought(thought);
        }

        Record.Opened(ref exchange, verb, arguments, Clocks);
    }

    public void Revealed(ref Exchange exchange, ReadOnlySpan<byte> arguments) => Record.Revealed(exchange, arguments);

    public void CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
        Metrics.CapabilityLine(text);
        Record.CapabilityLine(text);
    }

    public void RefusalLine(ref Exchange exchange, ReadOnlySpan<byte> text) => Evidence.RefusalLine(text);

    public void Continued(ref Exchange exchange, in Reply reply)
    {
        Count(exchange.Operation, reply);
        if (exchange.Verb == Verb.Data)
        {
            // 354 is the reply to DATA; what comes after the message is the reply to the end of data.
            Answer(exchange, reply);
            DataReady(Clocks.TakeDataReady());
        }
        else if (exchange.Verb == Verb.Auth)
        {
            Clocks.Challenged();
        }
        else
        {
            // 353: the relay's replies per recipient follow, and each of them is an exchange of its own.
            Answer(exchange, reply);
        }
    }

    public void Message(ReadOnlySpan<byte> octets) => Record.Message(octets);

    public void Responded(ref Exchange exchange) => Clocks.Responded();

    public void BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets)
    {
        // A body that ended earlier in this buffer is as good as forwarded.
        BodyForwarded(Clocks.TakeBody(Clocks.ReadAt));
        BodyForwarded(Clocks.BodyEnded(endOfData));
        Clocks.Stamp(ref endOfData);
        Marks.SetComplete(ref endOfData);
    }

    public void ChunkEnded(ref Exchange bdat)
    {
        Clocks.Stamp(ref bdat);
        Marks.SetComplete(ref bdat);
    }

    public void Answered(ref Exchange exchange, in Reply reply)
    {
        Count(exchange.Operation, reply);
        Evidence.Answered(exchange, reply, Origin, Clocks.Owner, Record.InTransaction);
        Attempts.Answered(exchange, reply, Origin, Metrics);
        var ticks = Answer(exchange, reply);
        switch (exchange.Verb)
        {
            case Verb.Greeting:
                var isAccepted = reply.Severity == 2 && Origin == Origin.Relay;
                Clocks.Greeted(isAccepted);
                if (isAccepted)
                {
                    Metrics.Greeted();
                }

                break;
            case Verb.Ehlo or Verb.Lhlo:
                // What a fault made of the reply says nothing of the relay.
                Metrics.Capabilities(areRelays: reply.Severity == 2 && Origin == Origin.Relay && !Evidence.IsFaulted);
                break;
            case Verb.Rcpt or Verb.Data or Verb.Bdat or Verb.Burl or Verb.EndOfData:
                Record.TransactionAnswered(exchange, reply, Origin, ticks);
                break;
        }
    }

    public void Unanswered(ref Exchange exchange)
    {
        Evidence.Unanswered(exchange);
        Attempts.Unanswered(exchange);
        Record.Unanswered(exchange, Clocks);
    }

    public void Withdrawn(ref Exchange endOfData)
    {
        Evidence.Unanswered(endOfData);
        Record.Withdrawn(endOfData);
    }

    public void Unsolicited(in Reply reply)
    {
        Count(Operation.Other, reply);
        Evidence.Unsolicited(reply, Origin, Clocks.Owner);
    }

    public void TransactionOpened(in Transaction transaction)
    {
        Attempts.TransactionOpened();
        Record.TransactionOpened(transaction);
    }

    public void TransactionEnded(in Transaction transaction)
    {
        var verdict = Record.VerdictOf(transaction);
        Trace.KeepIf(verdict == Verdict.Aborted, KeepReason.Abort, Clocks.Now);
        Metrics.TransactionEnded(transaction, verdict, IsStruck);
        if (verdict == Verdict.Aborted)
        {
            Attempts.Aborted(transaction, Metrics);
        }

        if (transaction is { End: TransactionEnd.ConnectionEnded, IsOwed: true }
            || (transaction.End == TransactionEnd.FinalReply && Record.IsAtRisk))
        {
            Metrics.AtRisk(1, Risk.Unknown);
        }
        else if (transaction.End == TransactionEnd.FinalReply && (Flow.ReadFrom == Leg.Relay || Origin != Origin.Relay))
        {
            // Where the client's end of data ends it, the reply came before that, and went on at its time.
            Flow.FinalReply(accepted: transaction.Outcome is TransactionOutcome.Delivered or TransactionOutcome.Partial);
        }

        Evidence.TransactionEnded(transaction, verdict);
        Record.TakeHeader(transaction);
        BodyForwarded(Clocks.TakeBody(Clocks.ReadAt));
        Record.TransactionEnded(transaction, Clocks);
        if (transaction.End is not (TransactionEnd.ConnectionEnded or TransactionEnd.Opaque))
        {
            Trace.TransactionEnded(Clocks.Now);
        }
    }

    public void Anomalous(Anomaly anomaly, Leg leg, long octet)
    {
        Trace.Keep(KeepReason.Anomaly, Clocks.Now);
        Metrics.Anomalous(anomaly);
        Evidence.Anomalous(anomaly);
        Record.Anomalous(anomaly);
    }

    public void BecameOpaque(OpaqueReason reason, Leg leg, long octet)
    {
        // The journal takes what it shows from the dialogue when the session is over; no clock runs on.
        Tls.BecameOpaque(isTls: reason == OpaqueReason.Tls, leg);
        Opaque = new OpaqueNote(reason, leg, octet);
    }

    public void TrackedAgain()
    {
        Tls.TrackedAgain();
        Opaque = default;
    }

    private void Count(Operation operation, in Reply reply)
    {
        Trace.KeepIf(Origin == Origin.Fault, KeepReason.Fault, Clocks.Now);
        Trace.KeepIf(reply.Severity is 4 or 5, KeepReason.Error, Clocks.Now);
        // What the relay said was said, whether the client hears it or not. Words of ours that nobody hears are none.
        if (Origin == Origin.Relay ? !AreApart : !Flow.IsClientDeaf)
        {
            Metrics.CountReply(operation, Origin, reply);
        }
    }

    /// <summary>An exchange is done. Returns how long the relay took, in ticks; -1: no clock ran, or somebody else answered.</summary>
    private long Answer(in Exchange exchange, in Reply reply)
    {
        var ticks = Origin == Origin.Relay ? Clocks.TakeDuration(exchange) : -1;
        if (ticks >= 0)
        {
            Trace.KeepIf(ticks >= Trace.SlowTicks, KeepReason.Slow, Clocks.Now);
            Metrics.Answered(exchange.Operation, reply.Code, ticks);
        }

        Record.Answered(exchange, reply, Origin, ticks, Clocks);
        Clocks.AnswerGiven();
        return ticks;
    }

    private void DataReady(long ticks)
    {
        if (ticks >= 0)
        {
            Record.DataReady(ticks);
            Trace.KeepIf(ticks >= Trace.SlowTicks, KeepReason.Slow, Clocks.Now);
            Metrics.DataReady(ticks);
        }
    }

    private void BodyForwarded(long ticks)
    {
        if (ticks >= 0)
        {
            Record.Body(ticks);
            Metrics.Answered(Operation.Body, 250, ticks);
        }
    }
}
