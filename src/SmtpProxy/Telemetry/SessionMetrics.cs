using System.Diagnostics.Metrics;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry;

/// <summary>The instruments as one session uses them: with its listener, its cluster and the relay that it has at present.
/// Durations are in ticks.</summary>
/// <param name="instruments">The process's instruments.</param>
/// <param name="trace">The session's trace. What is measured while it is kept carries its id as an exemplar.</param>
/// <param name="listener">What the listener and its cluster are called.</param>
internal struct SessionMetrics(Instruments instruments, SessionTrace trace, ListenerTags listener)
{
    private RelayTags _relay = listener.NoRelay;
    private long _offered;
    private long _hidden;
    private long _added;
    private bool _isInTls;
    private bool _knowsClear;
    private bool _knowsInTls;

    /// <summary>The session's trace.</summary>
    public readonly SessionTrace Trace => trace;

    /// <summary>The listener's name.</summary>
    public readonly string Listener => listener.ListenerName;

    /// <summary>The cluster's id.</summary>
    public readonly string Cluster => listener.ClusterName;

    /// <summary>Whether the relay at hand has greeted a session of this process.</summary>
    public readonly bool RelayHasGreeted => _relay.HasGreeted;

    /// <summary>The relay greeted, and lets the client go on.</summary>
    public readonly void Greeted() => _relay.HasGreeted = true;

    /// <summary>The session begins.</summary>
    public readonly void Accepted() => instruments.ActiveSessions.Add(1, listener.Listener);

    /// <summary>What is measured from here on is measured of this relay, and the time until now is that of the one before.</summary>
    public void Dialling(string destination, in Shares before)
    {
        Spent(before);
        (_relay, _isInTls, _knowsClear, _knowsInTls) = (listener.To(destination), false, false, false);
    }

    /// <summary>So much time has passed.</summary>
    public readonly void Spent(in Shares time)
    {
        Spent(Owner.Client, time.Client);
        Spent(Owner.Relay, time.Relay);
        Spent(Owner.Proxy, time.Proxy);
    }

    /// <summary>A dial is over; <paramref name="error"/> is its <c>error.type</c>, null when it connected.</summary>
    public readonly void Dialled(long ticks, string? error)
    {
        _relay.Dials[error ?? ""].Increment();
        _relay.Latencies.Add((int)Operation.Connect, ticks);
        Record(instruments.OperationDuration, ticks, _relay.Dialled(error));
    }

    /// <summary>A handshake of the proxy's own is over. That of a client has no destination: its slowness must
    /// not look like the relay's.</summary>
    public void Handshaken(Leg leg, long ticks, string? error)
    {
        _isInTls |= leg == Leg.Relay && error is null;
        var tags = leg == Leg.Client ? listener.NoRelay : _relay;
        tags.Latencies.Add((int)Operation.TlsHandshake, ticks);
        Record(instruments.OperationDuration, ticks, tags.Ended(Operation.TlsHandshake, error));
    }

    /// <summary>Octets were read from a leg.</summary>
    public readonly void Received(Leg from, long octets) => instruments.Io.Received(from, octets);

    /// <summary>Octets were written to a leg.</summary>
    public readonly void Transmitted(Leg to, long octets) => instruments.Io.Transmitted(to, octets);

    /// <summary>A buffer of this leg was in the proxy for so long.</summary>
    public readonly void Overhead(Leg from, long ticks) => instruments.Overhead(from, Math.Max(0, ticks));

    /// <summary>The client thought for so long before it sent its next command.</summary>
    public readonly void Thought(long ticks) => Record(instruments.ThinkDuration, ticks, listener.Listener);

    /// <summary>The session's first 354 came so long after the greeting.</summary>
    public readonly void DataReady(long ticks)
    {
        _relay.Latencies.Add(Latencies.DataReady, ticks);
        Record(instruments.DataReadyDuration, ticks, _relay.Relay);
    }

    /// <summary>The relay answered an operation with this code, after so long.</summary>
    public readonly void Answered(Operation operation, int code, long ticks)
    {
        _relay.Latencies.Add((int)operation, ticks);
        Record(instruments.OperationDuration, ticks, _relay.Answered(operation, code));
    }

    /// <summary>Counts a reply with its codes.</summary>
    public readonly void CountReply(Operation operation, Origin origin, in Reply reply)
    {
        _relay.CountReply(operation, origin, reply.Code);
        if (reply.Enhanced.IsPresent)
        {
            _relay.Enhanced.Count(operation, reply.Enhanced);
        }
    }

    /// <summary>One line of an EHLO or LHLO reply that is not complete.</summary>
    public void CapabilityLine(ReadOnlySpan<byte> text) => _offered |= CapabilityCells.BitOf(text);

    /// <summary>The EHLO or LHLO reply is complete.</summary>
    /// <param name="areRelays">Whether it is a success, and the relay's own words.</param>
    public void Capabilities(bool areRelays)
    {
        if (areRelays)
        {
            RelayOffers((_offered & ~_added) | _hidden);
        }

        (_offered, _hidden, _added) = (0, 0, 0);
    }

    /// <summary>What the client hears of an EHLO reply is not all that the relay said.</summary>
    /// <param name="hidden">Bits of keywords that are kept from the client.</param>
    /// <param name="added">Bits of those that are the proxy's own.</param>
    public void Edited(long hidden, long added) => (_hidden, _added) = (hidden, added);

    /// <summary>The relay gave this reply to an EHLO of the proxy's own; null: it did not.</summary>
    public void RelayOffers(byte[]? reply)
    {
        if (reply is not null)
        {
            RelayOffers(CapabilityCells.BitsOf(reply));
        }
    }

    /// <summary>The relay offers this. What counts is what it says when it is first asked, in the clear and inside TLS: after that it may
    /// know more of the client, and would seem to change its mind.</summary>
    public void RelayOffers(long bits)
    {
        if (_isInTls ? _knowsInTls : _knowsClear)
        {
            return;
        }

        (_knowsClear, _knowsInTls) = (_knowsClear || !_isInTls, _knowsInTls || _isInTls);
        _relay.Capabilities.Offered(bits, _isInTls);
    }

    /// <summary>A transaction ended.</summary>
    /// <param name="transaction">What is known of it.</param>
    /// <param name="verdict">What became of it.</param>
    /// <param name="isFaulted">Whether a fault had struck the session.</param>
    public readonly void TransactionEnded(in Transaction transaction, Verdict verdict, bool isFaulted)
    {
        _relay.Transactions[verdict].Increment();
        if (isFaulted)
        {
            _relay.Faulted[verdict].Increment();
        }

        if (transaction.End != TransactionEnd.FinalReply)
        {
            return;
        }

        if (transaction.MessageOctets >= 0)
        {
            instruments.Measured(instruments.MessageSize, transaction.MessageOctets, listener.Cluster);
        }

        instruments.Measured(instruments.MessageRecipients, transaction.Accepted, listener.Cluster);
    }

    /// <summary>So many transactions were aborted.</summary>
    public readonly void Aborted(AttemptCause cause, int transactions) => _relay.Aborted[cause].Add(transactions);

    /// <summary>An attempt to send mail came to no transaction.</summary>
    public readonly void Unserved(AttemptCause cause) => _relay.Unserved[cause].Increment();

    /// <summary>The session is over, and these final replies did not get to its client.</summary>
    public readonly void AtRisk(in OctetFlow flow)
    {
        AtRisk(flow.UnseenAcceptances, Risk.Accepted);
        AtRisk(flow.UnseenRefusals, Risk.Refused);
    }

    /// <summary>The client did not get the final reply to so many messages.</summary>
    public readonly void AtRisk(int transactions, Risk risk)
    {
        if (transactions > 0)
        {
            _relay.AtRisk[risk].Add(transactions);
        }
    }

    /// <summary>An anomaly was seen.</summary>
    public readonly void Anomalous(Anomaly anomaly) => listener.Anomalies[anomaly].Increment();

    /// <summary>It is known what was wrong with the session.</summary>
    public readonly void Diagnosed(Codes.Diagnosis diagnosis) => _relay.Diagnoses[diagnosis].Increment();

    /// <summary>The session is over.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="visibility">How much of it was seen.</param>
    /// <param name="reason">Why not all of it was.</param>
    /// <param name="ticks">How long it lasted.</param>
    /// <param name="rest">The time that was not counted before.</param>
    public readonly void Over(SessionOutcome outcome, Visibility visibility, OpaqueReason reason, long ticks, in Shares rest)
    {
        Spent(rest);
        // Counted first, so that no reading finds it neither open nor ended.
        listener.Sessions[(outcome, visibility)].Increment();
        instruments.ActiveSessions.Add(-1, listener.Listener);
        if (visibility != Visibility.Tracked)
        {
            listener.Opaque[reason].Increment();
        }

        Record(instruments.SessionDuration, ticks, listener.Cluster);
    }

    private readonly void Spent(Owner owner, long ticks)
    {
        if (ticks > 0)
        {
            _relay.Time[owner].Add(ticks);
        }
    }

    private readonly void Record(Histogram<double> histogram, long ticks, Tag[] tags)
    {
        ticks = Math.Max(0, ticks);
        if (!trace.IsKept)
        {
            instruments.Measured(histogram, ticks, tags);
            return;
        }

        // An exemplar is of the trace that is current now.
        using var current = trace.Enter();
        histogram.Record(Instruments.InSeconds(ticks), tags);
    }
}
