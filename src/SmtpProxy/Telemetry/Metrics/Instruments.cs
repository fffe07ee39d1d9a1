using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>The instruments of the meter <c>SmtpProxy</c>: names, units, buckets, and the attributes they are used with. One for the process.</summary>
public sealed class Instruments
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "SmtpProxy";

    private static readonly Tag[] ToRelay = [new(Attributes.Direction, "to_relay")];
    private static readonly Tag[] ToClient = [new(Attributes.Direction, "to_client")];
    private readonly ConcurrentDictionary<(string, string), ListenerTags> _listeners = new();
    private readonly ConcurrentDictionary<(string, string), EnhancedCells> _enhanced = new();
    private readonly CapabilityTable _capabilities = new();
    private readonly Cells _replyCells = new();
    private readonly Cells _enhancedCells = new();
    private readonly Histogram<double> _overhead;
    private readonly Counter<long> _limitsHit;
    private readonly Counter<long> _configReloads;
    private readonly Counter<long> _tracesKept;
    private readonly Counter<long> _tracesDropped;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">The meter <see cref="MeterName"/>.</param>
    public Instruments(Meter meter)
    {
        OperationDuration = Seconds(meter, "smtpproxy.operation.duration", "Time from a command to its reply, by phase of the dialogue");
        DataReadyDuration = Seconds(meter, "smtpproxy.data_ready.duration", "Time from the greeting to the session's first 354");
        ThinkDuration = Seconds(meter, "smtpproxy.client.think.duration", "Time the client takes from a reply to its next command");
        SessionDuration = Seconds(meter, "smtpproxy.session.duration", "Time from accept to the end of both connections");
        _overhead = meter.CreateHistogram<double>("smtpproxy.overhead.duration", "s", "Time the proxy keeps octets: read to written", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Overhead });
        MessageSize = meter.CreateHistogram<long>("smtpproxy.message.size", "By", "Octets of messages that were sent and answered", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = Buckets.Octets });
        MessageRecipients = meter.CreateHistogram<long>("smtpproxy.message.recipients", "{recipient}", "Accepted recipients of those messages", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = Buckets.Recipients });
        Transactions = meter.CreateCounter<long>("smtpproxy.transactions", "{transaction}", "Mail transactions that ended, by outcome");
        AtRisk = meter.CreateCounter<long>("smtpproxy.transactions.at_risk", "{transaction}",
            "Transactions cut between the end of data and the client having the reply: the message may come twice");
        Sessions = meter.CreateCounter<long>("smtpproxy.sessions", "{session}", "Sessions that ended, by outcome and by how much of them was seen");
        Opaque = meter.CreateCounter<long>("smtpproxy.sessions.opaque", "{session}", "Sessions that could not be followed to their end, by why");
        ActiveSessions = meter.CreateUpDownCounter<long>("smtpproxy.active_sessions", "{session}", "Sessions open now");
        Anomalies = meter.CreateCounter<long>("smtpproxy.anomalies", "{anomaly}", "Things on the wire that the RFCs do not allow");
        Diagnoses = meter.CreateCounter<long>("smtpproxy.diagnoses", "{session}", "Sessions that did not end well, by what was wrong");
        _limitsHit = meter.CreateCounter<long>("smtpproxy.limits.hit", "{event}", "Bounds that were met");
        _configReloads = meter.CreateCounter<long>("smtpproxy.config.reloads", "{reload}", "Changes of the configuration while running");
        _tracesKept = meter.CreateCounter<long>("smtpproxy.traces.kept", "{trace}", "Traces that are exported, by why");
        _tracesDropped = meter.CreateCounter<long>("smtpproxy.traces.dropped", "{trace}", "Traces that would have been kept, beyond the cap per second");
        meter.CreateObservableCounter("smtpproxy.replies", _replyCells.Measure, "{reply}", "Replies the client got, by code and by who gave them");
        meter.CreateObservableCounter("smtpproxy.replies.enhanced", _enhancedCells.Measure, "{reply}", "Replies with an enhanced status code");
        meter.CreateObservableGauge("smtpproxy.capability.present", _capabilities.Measure, "{keyword}", "What a relay offers: 1, or 0 for what it does not");
        meter.CreateObservableCounter("smtpproxy.io", Io.Measure, "By", "Octets read and written");
    }

    internal Histogram<double> OperationDuration { get; }

    internal Histogram<double> DataReadyDuration { get; }

    internal Histogram<double> ThinkDuration { get; }

    internal Histogram<double> SessionDuration { get; }

    internal Histogram<long> MessageSize { get; }

    internal Histogram<long> MessageRecipients { get; }

    internal Counter<long> Transactions { get; }

    internal Counter<long> AtRisk { get; }

    internal Counter<long> Sessions { get; }

    internal Counter<long> Opaque { get; }

    internal UpDownCounter<long> ActiveSessions { get; }

    internal Counter<long> Anomalies { get; }

    internal Counter<long> Diagnoses { get; }

    internal IoCounters Io { get; } = new();

    /// <summary>Returns ticks of the monotonic clock as seconds.</summary>
    internal static double InSeconds(long ticks) => (double)ticks / Stopwatch.Frequency;

    /// <summary>Returns the attributes of a listener and its cluster.</summary>
    internal ListenerTags Tags(string listener, string cluster) =>
        _listeners.GetOrAdd((listener, cluster), static (key, me) => new ListenerTags(key.Item1, key.Item2, me.Make), this);

    internal void Overhead(Leg from, long ticks) =>
        _overhead.Record(InSeconds(ticks), from == Leg.Client ? ToRelay : ToClient);

    /// <summary>Counts that a bound was met.</summary>
    internal void LimitHit(string limit) => _limitsHit.Add(1, new Tag(Attributes.Limit, limit));

    /// <summary>Counts finished sessions that the journal could not take.</summary>
    internal void JournalLost(int sessions) => _limitsHit.Add(sessions, new Tag(Attributes.Limit, "journal"));

    /// <summary>Counts a trace that was to be kept: it is, or there were too many in this second.</summary>
    internal void TraceDecided(KeepReason reason, bool kept) =>
        (kept ? _tracesKept : _tracesDropped).Add(1, new Tag(Attributes.Reason, KeepReasons.Of(reason)));

    /// <summary>Counts a change of the configuration; one that was refused counts as an error.</summary>
    internal void ConfigReloaded(bool applied)
    {
        if (applied)
        {
            _configReloads.Add(1);
        }
        else
        {
            _configReloads.Add(1, new Tag(Attributes.ErrorType, "invalid_configuration"));
        }
    }

    private static Histogram<double> Seconds(Meter meter, string name, string description) =>
        meter.CreateHistogram<double>(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Seconds });

    private RelayTags Make(ListenerTags listener, string destination)
    {
        var cluster = listener.ClusterName;
        var enhanced = _enhanced.GetOrAdd((cluster, destination), static (key, cells) => new EnhancedCells(cells, key.Item1, key.Item2), _enhancedCells);
        return new RelayTags(_replyCells, enhanced, _capabilities.Of(cluster, destination), listener.ListenerName, cluster, destination);
    }
}
