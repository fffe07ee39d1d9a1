using System.Diagnostics;
using System.Net;
using SmtpProxy.Codes;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Failures;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Records;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Telemetry;

/// <summary>The telemetry of the process: opens a record for each session, and counts what belongs to none.</summary>
internal sealed class ProxyTelemetry : ITelemetry
{
    /// <summary>A clock that says more has another origin than the transport's.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromMinutes(1);

    /// <summary>Exchanges of a session that its trace, and who keeps it, look back to when there is no journal.</summary>
    private const int MostWithoutJournal = 512;

    private readonly ProcessGauges _gauges;
    private readonly JournalQueue? _journal;
    private readonly Func<AddressFilter> _addresses;
    private readonly TimeProvider _time;
    private readonly SessionTracer? _tracer;
    private readonly TelemetryOptions _options;
    private readonly RecordPool _spare;

    /// <summary>Creates it.</summary>
    /// <param name="instruments">Where metrics go.</param>
    /// <param name="gauges">The gauges of the process.</param>
    /// <param name="journal">Where finished sessions go; null = there is no journal.</param>
    /// <param name="addresses">Returns the privacy filter; called when a session begins.</param>
    /// <param name="time">Wall time, for journal and traces.</param>
    /// <param name="options">What is read of messages; nothing unless given.</param>
    /// <param name="tracer">The traces; null = there are none.</param>
    public ProxyTelemetry(
        Instruments instruments, ProcessGauges gauges, JournalQueue? journal, Func<AddressFilter> addresses, TimeProvider time,
        TelemetryOptions? options = null,
        SessionTracer? tracer = null)
    {
        Instruments = instruments;
        _gauges = gauges;
        _journal = journal;
        _addresses = addresses;
        _time = time;
        _tracer = tracer;
        _options = options ?? new TelemetryOptions();
        _spare = journal?.Spare ?? new RecordPool(new JournalOptions().MaxExchanges);
        _spare.Memory.Met = () => Instruments.LimitHit("record_memory");
        gauges.Observe(() => (_spare.Memory.InUse, _spare.Memory.Limit));
    }

    /// <summary>The instruments.</summary>
    public Instruments Instruments { get; }

    /// <summary>The open sessions; null: nobody looks at them.</summary>
    public OpenSessions? Sessions { get; init; }

    /// <summary>Who keeps the last sessions to be looked at; null: nobody does.</summary>
    public IRecordKeeper? Keeper { get; init; }

    /// <summary>The pool that records come from.</summary>
    public RecordPool Records => _spare;

    /// <summary>The log of why sessions fail; null: there is none.</summary>
    public FailureLog? Failures { get; init; }

    /// <inheritdoc/>
    public SessionTelemetry Open(string listener, string cluster)
    {
        var isTraced = _tracer is { IsOn: true };
        var record = isTraced || _journal is not null || Keeper?.Wants(Stopwatch.GetTimestamp()) == true ? _spare.Rent() : null;
        return new SessionTelemetry(this, listener, cluster, record, isTraced ? _tracer!.Open(record!) : SessionTrace.Off);
    }

    /// <inheritdoc/>
    public void LimitHit(string limit) => Instruments.LimitHit(limit);

    /// <inheritdoc/>
    public void Listening(string listener, string cluster)
    {
        var tags = Instruments.Tags(listener, cluster);
        Instruments.ActiveSessions.Add(0, tags.Listener);
    }

    /// <inheritdoc/>
    public void SessionLimit(string listener, int limit) => _gauges.SetLimit(listener, limit);

    /// <inheritdoc/>
    public void RecordMemoryLimit(long octets) => _spare.Memory.Limit = octets;

    /// <summary>Where handshakes are counted; null: they are not.</summary>
    public TlsInstruments? Tls { get; init; }

    /// <summary>The log of why handshakes fail; null: there is none.</summary>
    public HandshakeLog? Handshakes { get; init; }

    /// <inheritdoc/>
    public void Handshaken(string listener, string? destination, HandshakeNote handshake)
    {
        Tls?.Count(listener, destination, handshake);
        Handshakes?.Tell(listener, destination, handshake);
    }

    /// <inheritdoc/>
    public void Lagged(string transport, long ticks) => Instruments.Lag(transport, ticks);

    /// <inheritdoc/>
    public void ConfigReloaded(bool applied) => Instruments.ConfigReloaded(applied);

    /// <summary>Makes a record that of a session that begins.</summary>
    public void Begin(SessionRecord record, string listener, string cluster, EndPoint client, long at)
    {
        // A busy process records a connection some time after it came: that is when the session began, and what all its times run from.
        var late = _time.GetElapsedTime(at);
        var began = late > TimeSpan.Zero && late < Latest ? _time.GetUtcNow() - late : _time.GetUtcNow();
        record.Begin(listener, cluster, client, (began, at), _addresses(), _spare.MaxEntries);
    }

    /// <summary>Returns a name for a session without a record.</summary>
    public SessionId NewId() => SessionId.New(_time.GetUtcNow());

    /// <summary>Returns a reader of the headers of a session's messages; null where the options do not ask for it.</summary>
    public MessageHeaders? ReadHeaders(SessionRecord record) => _options is { ReadMessageId: false, ReadTraceParent: false }
        ? null
        : new MessageHeaders(new HeaderReader(_options.ReadMessageId, _options.ReadTraceParent), record.Text);

    /// <summary>Says what was wrong with a session, in its trace, in metrics and in the log.</summary>
    public void Report(SessionTelemetry session, Finding? finding, long at)
    {
        if (finding is null)
        {
            return;
        }

        session.Trace.Keep(KeepReason.Abort, at);
        session.Trace.SetAttribute(Attributes.Diagnosis, finding.Code);
        session.Metrics.Diagnosed(finding.Diagnosis);
        using (session.Trace.Enter())
        {
            Failures?.Tell(session.Id, session.Metrics.Listener, session.Destination ?? AttributeValues.NoDestination, finding);
        }
    }

    /// <summary>Whether a session's record is written after each of its transactions.</summary>
    public bool IsPerTransaction => _journal is { IsPerTransaction: true };

    /// <summary>Whether what a record holds of a session that goes on is to be handed on, and forgotten: the journal wants it so, or nobody
    /// needs all of it at once.</summary>
    public bool IsPartDue(SessionRecord record) => IsPerTransaction ? record.Transactions.Count > 0
        : _journal is null && (record.Exchanges.Count > MostWithoutJournal || record.IsCutShort);

    /// <summary>Hands on what a record holds while its session goes on.</summary>
    public void PostPart(SessionRecord record, Dialogue dialogue, in SessionSoFar soFar, string? traceId)
    {
        if (_journal is null && Keeper is null)
        {
            return;
        }

        var part = _spare.Rent();
        RecordPart.Move(record, part, dialogue, soFar, traceId);
        Post(part);
    }

    /// <summary>Hands a complete record to the journal and to who keeps it, or back to the pool where there is neither.</summary>
    public void Post(SessionRecord record)
    {
        record.OtherReaders = Keeper is not null && _journal is not null ? 1 : 0;
        Keeper?.Take(record, _spare);
        if (_journal is not null)
        {
            _journal.Post(record);
        }
        else if (Keeper is null)
        {
            _spare.Return(record);
        }
    }
}
