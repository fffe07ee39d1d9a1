using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics.Batching;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>The instruments of the meter <c>SmtpProxy</c>: names, units, buckets, and the attributes they are used
/// with. One for the process.</summary>
public sealed class Instruments
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "SmtpProxy";

    private static readonly Tag[] ToRelay = [new(Attributes.Direction, "to_relay")];
    private static readonly Tag[] ToClient = [new(Attributes.Direction, "to_client")];
    private readonly ConcurrentDictionary<(string, string), ListenerTags> _listeners = new();
    private readonly ConcurrentDictionary<(string, string), EnhancedCells> _enhanced = new();
    private readonly CapabilityTable _capabilities = new();
    private readonly MeasurementBatches _batches;
    private readonly Counters _counters;
    private readonly IUpstreamStates? _upstreams;
    private readonly Histogram<double> _overhead;
    private readonly Histogram<double> _lag;
    private readonly CellsBy<bool> _configReloads;
    private readonly CellsBy<KeepReason> _tracesKept;
    private readonly CellsBy<KeepReason> _tracesDropped;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">The meter <see cref="MeterName"/>.</param>
    /// <param name="upstreams">Who knows the relays; null: they become known by the sessions that go to them.</param>
    /// <param name="areGathered">Whether what loops measure is gathered, so that histograms have it when the meter is read and not
    /// before.</param>
    public Instruments(Meter meter, IUpstreamStates? upstreams = null, bool areGathered = false)
    {
        _batches = new MeasurementBatches(areGathered);
        _upstreams = upstreams;
        _counters = new Counters(meter, Know);
        OperationDuration = Seconds(meter, "smtpproxy.operation.duration", "Time from a command to its reply, by phase of the dialogue");
        DataReadyDuration = Seconds(meter, "smtpproxy.data_ready.duration", "Time from the greeting to the session's first 354");
        ThinkDuration = Seconds(meter, "smtpproxy.client.think.duration", "Time the client takes from a reply to its next command");
        SessionDuration = Seconds(meter, "smtpproxy.session.duration", "Time from accept to the end of both connections");
        _overhead = meter.CreateHistogram<double>("smtpproxy.overhead.duration", "s", "Time the proxy keeps octets: read to written", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Overhead });
        _lag = meter.CreateHistogram<double>("smtpproxy.loop.lag", "s",
            "Time that what has come waits until a loop, or a thread, gets to it", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Lag });
        MessageSize = meter.CreateHistogram<long>("smtpproxy.message.size", "By", "Octets of messages that were sent and answered", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = Buckets.Octets });
        MessageRecipients = meter.CreateHistogram<long>("smtpproxy.message.recipients", "{recipient}",
            "Accepted recipients of those messages", null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = Buckets.Recipients });
        ActiveSessions = meter.CreateUpDownCounter<long>("smtpproxy.active_sessions", "{session}", "Sessions open now");
        LimitsHit = Closed(meter, "smtpproxy.limits.hit", "{event}", "Bounds that were met", Limits.All,
            static l => new Tag(Attributes.Limit, l));
        _configReloads = Closed(meter, "smtpproxy.config.reloads", "{reload}", "Changes of the configuration while running", [true, false],
            static applied => applied ? null : new Tag(Attributes.ErrorType, "invalid_configuration"));
        _tracesKept = Closed(meter, "smtpproxy.traces.kept", "{trace}", "Traces that were begun, by why", Enum.GetValues<KeepReason>(),
            ReasonOf);
        _tracesDropped = Closed(meter, "smtpproxy.traces.dropped", "{trace}", "Traces that would have been kept, beyond the cap per second",
            Enum.GetValues<KeepReason>(), ReasonOf);
        meter.CreateObservableGauge("smtpproxy.capability.present", _capabilities.Measure, "{keyword}",
            "What a relay offers: 1, or 0 for what it does not");
        // Whoever reads the meter asks for what is observed first, and reads the histograms after that.
        meter.CreateObservableCounter("smtpproxy.io", () => Flushed().Measure(), "By", "Octets read and written");
    }

    /// <summary>What a relay offers, and did before; nothing where no session has asked it.</summary>
    public IReadOnlyList<RelayOffer> OffersOf(string cluster, string destination) => _capabilities.Offers(cluster, destination);

    internal Histogram<double> OperationDuration { get; }

    internal Histogram<double> DataReadyDuration { get; }

    internal Histogram<double> ThinkDuration { get; }

    internal Histogram<double> SessionDuration { get; }

    internal Histogram<long> MessageSize { get; }

    internal Histogram<long> MessageRecipients { get; }

    internal UpDownCounter<long> ActiveSessions { get; }

    /// <summary>Bounds that were met, by their names.</summary>
    internal CellsBy<string> LimitsHit { get; }

    internal IoCounters Io { get; } = new();

    /// <summary>Returns ticks of the monotonic clock as seconds.</summary>
    internal static double InSeconds(long ticks) => (double)ticks / Stopwatch.Frequency;

    /// <summary>Returns the attributes of a listener and its cluster.</summary>
    internal ListenerTags Tags(string listener, string cluster) =>
        _listeners.GetOrAdd((listener, cluster), static (key, me) => new ListenerTags(me._counters, key.Item1, key.Item2, me.Make), this);

    /// <summary>What is counted of every listener.</summary>
    internal IEnumerable<ListenerTags> Listeners => _listeners.Values;

    /// <summary>Every way from a listener to a relay that is known.</summary>
    internal IEnumerable<(string Listener, UpstreamState Relay)> Ways() =>
        from relay in _upstreams?.Current() ?? []
        from listener in _listeners.Values
        where listener.ClusterName == relay.Cluster
        select (listener.ListenerName, relay);

    /// <summary>Takes a measurement of a histogram: ticks where it is of seconds, otherwise the number.</summary>
    internal void Measured(Instrument histogram, long value, Tag[] tags) => _batches.Take(histogram, value, tags);

    internal void Overhead(Leg from, long ticks) => _batches.Take(_overhead, ticks, from == Leg.Client ? ToRelay : ToClient);

    /// <summary>What had come for a transport waited for so many ticks.</summary>
    internal void Lag(string transport, long ticks) => _lag.Record(InSeconds(ticks), new Tag(Attributes.Transport, transport));

    /// <summary>Counts that a bound was met.</summary>
    internal void LimitHit(string limit) => LimitsHit[limit].Increment();

    /// <summary>Counts finished sessions that the journal could not take.</summary>
    internal void JournalLost(int sessions) => LimitsHit[Limits.Journal].Add(sessions);

    /// <summary>Counts a trace that was to be kept: it is, or there were too many in this second.</summary>
    internal void TraceDecided(KeepReason reason, bool kept) => (kept ? _tracesKept : _tracesDropped)[reason].Increment();

    /// <summary>Counts a change of the configuration; one that was refused counts as an error.</summary>
    internal void ConfigReloaded(bool applied) => _configReloads[applied].Increment();

    private IoCounters Flushed()
    {
        _batches.Flush();
        return Io;
    }

    private static Tag? ReasonOf(KeepReason reason) => new Tag(Attributes.Reason, KeepReasons.Of(reason));

    /// <summary>A counter whose series are all known, and shown at 0.</summary>
    private static CellsBy<TKey> Closed<TKey>(
        Meter meter, string name, string unit, string description, IEnumerable<TKey> keys, Func<TKey, Tag?> tagOf)
        where TKey : notnull
    {
        var cells = new Cells();
        meter.CreateObservableCounter(name, cells.Measure, unit, description);
        var series = new CellsBy<TKey>(cells, key => tagOf(key) is { } tag ? [tag] : []);
        series.Show(keys);
        return series;
    }

    /// <summary>Makes the series of relays that the configuration has come to have.</summary>
    private void Know()
    {
        foreach (var relay in _upstreams?.Current() ?? [])
        {
            foreach (var listener in _listeners.Values.Where(l => l.ClusterName == relay.Cluster))
            {
                _ = listener.To(relay.Destination);
            }
        }
    }

    private static Histogram<double> Seconds(Meter meter, string name, string description) =>
        meter.CreateHistogram<double>(name, "s", description, null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Seconds });

    private RelayTags Make(ListenerTags listener, string destination)
    {
        var cluster = listener.ClusterName;
        var enhanced = _enhanced.GetOrAdd((cluster, destination), static (key, cells) => new EnhancedCells(cells, key.Item1, key.Item2),
            _counters.Enhanced);
        return new RelayTags(_counters, enhanced, _capabilities.Of(cluster, destination), listener.ListenerName, cluster, destination);
    }
}
