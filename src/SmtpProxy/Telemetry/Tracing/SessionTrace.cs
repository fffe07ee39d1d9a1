using System.Diagnostics;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>
/// The trace of one session. It begins when there is a reason to keep it, with the time of the session's start, and from then on its root
/// is live: measurements and log entries made within <see cref="Enter"/> carry its ids. Child spans are made late, from the session's
/// record, so that a session that is not kept costs none. Used on the session's loop only.
/// </summary>
public sealed class SessionTrace
{
    /// <summary>The trace of a session while nobody takes traces.</summary>
    internal static readonly SessionTrace Off = new(null, null);

    /// <summary>Attributes, events and extra spans that are kept of a session each.</summary>
    private const int Most = 64;

    private readonly SessionTracer? _tracer;
    private SessionRecord? _record;
    private SpanWriter? _writer;
    private Activity? _root;
    private KeepReason _reason;
    private bool _isDecided;
    private List<KeyValuePair<string, object?>>? _attributes;
    private List<(string Name, long At, ActivityTagsCollection Tags)>? _events;
    private List<LateSpan>? _spans;

    internal SessionTrace(SessionTracer? tracer, SessionRecord? record) => (_tracer, _record) = (tracer, record);

    /// <summary>The trace's id, 32 hex digits; null where none is kept.</summary>
    public string? Id => _root?.TraceId.ToHexString();

    /// <summary>Whether it is kept.</summary>
    internal bool IsKept => _root is not null;

    /// <summary>Ticks from which on an operation of the relay is a reason to keep the trace.</summary>
    internal long SlowTicks => _tracer?.SlowTicks ?? long.MaxValue;

    /// <summary>Keeps the trace, if the traces per second allow it. Call it before recording what made it worth keeping, so that an
    /// exemplar never points at a trace that does not exist.</summary>
    /// <param name="reason">The first one stands.</param>
    /// <param name="at">Now, in ticks of the monotonic clock.</param>
    public void Keep(KeepReason reason, long at)
    {
        if (_tracer is null || _record is null || _isDecided)
        {
            return;
        }

        _isDecided = true;
        _reason = reason;
        if (_tracer.TryTake(reason, at))
        {
            _root = SpanFactory.StartRoot(_tracer.Source, SpanNames.Session, _record.Started.UtcDateTime);
        }
    }

    /// <summary><see cref="Keep"/>, where there is this reason for it.</summary>
    internal void KeepIf(bool wanted, KeepReason reason, long at)
    {
        if (wanted)
        {
            Keep(reason, at);
        }
    }

    /// <summary>Adds an attribute to the session's span. A later one of the same name replaces it.</summary>
    public void SetAttribute(string name, object? value)
    {
        if (_tracer is not null && (_attributes ??= []).Count < Most)
        {
            _attributes.Add(new(name, value));
        }
    }

    /// <summary>Adds an event to the session's span.</summary>
    /// <param name="name">Of a closed set.</param>
    /// <param name="at">When, in ticks of the monotonic clock.</param>
    /// <param name="attributes">Nothing secret, and no address.</param>
    public void AddEvent(string name, long at, params ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        if (_tracer is not null && (_events ??= []).Count < Most)
        {
            _events.Add((name, at, [.. attributes]));
        }
    }

    /// <summary>Adds a child span that ended, such as a TLS handshake.</summary>
    /// <param name="name">Of a closed set.</param>
    /// <param name="from">When it began, in ticks of the monotonic clock.</param>
    /// <param name="to">When it ended.</param>
    /// <param name="error">Its <c>error.type</c>; null on success.</param>
    /// <param name="attributes">Nothing secret, and no address.</param>
    public void AddSpan(string name, long from, long to, string? error, params ReadOnlySpan<KeyValuePair<string, object?>> attributes)
    {
        if (_tracer is not null && (_spans ??= []).Count < Most)
        {
            _spans.Add(new LateSpan(name, from, to, error, attributes.ToArray()));
        }
    }

    /// <summary>A fault was injected.</summary>
    internal void Injected(FaultNote note, long at) => AddEvent(
        SpanNames.FaultInjected, at,
        new("smtp.fault.rule", note.Rule), new("smtp.fault.action", note.Action), new("smtp.fault.point", note.Point),
        new("smtp.fault.effect", note.Effect),
        new("smtp.fault.seed", note.Seed), new("smtp.fault.decision_key", note.DecisionKey),
        new("smtp.fault.client_reply_code", note.ClientCode), new("smtp.fault.upstream_reply_code", note.RelayCode),
        new("smtp.fault.added_delay", note.AddedDelay.TotalSeconds));

    /// <summary>Makes the trace the current one until the result is disposed, for measurements and log entries. Does nothing for a trace
    /// that is not kept.</summary>
    public CurrentTrace Enter() => new(_root);

    /// <summary>The session begins: the lot may fall on it.</summary>
    internal void Begin(long at)
    {
        if (_tracer is not null && _tracer.Draw())
        {
            Keep(KeepReason.Head, at);
        }
    }

    /// <summary>A transaction ended: its spans can be made, so that a session that lasts for days is seen before it ends.</summary>
    internal void TransactionEnded(long at)
    {
        if (_root is not null)
        {
            Writer().WriteTransactions(at);
        }
    }

    /// <summary>The record grew long, and only the trace needs it: its content is written as spans, or dropped.</summary>
    internal void Shorten(long at)
    {
        if (_root is not null)
        {
            Writer().WriteAll(at);
        }

        _record?.Forget();
    }

    /// <summary>The session is over and its record complete.</summary>
    internal void Over(long at)
    {
        if (_root is not null)
        {
            var writer = Writer();
            writer.WriteTransactions(at);
            writer.WriteRest(_spans);
            writer.Complete(_reason, _attributes, _events, at);
        }

        // The writer owns the record from here.
        (_record, _writer, _isDecided) = (null, null, true);
    }

    private SpanWriter Writer() => _writer ??= new SpanWriter(_tracer!, _record!, _root!);
}
