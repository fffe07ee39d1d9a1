using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Reflection;
using SmtpProxy.Transport.Resources;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>The gauges that show a state and not an event: relays, session caps, memory, and what is running since when.</summary>
internal sealed class ProcessGauges
{
    private readonly ConcurrentDictionary<string, (int Limit, Tag[] Tags)> _limits = new();
    private Func<(long InUse, long Limit)>? _records;

    /// <summary>Creates the gauges.</summary>
    /// <param name="meter">The meter <see cref="Instruments.MeterName"/>.</param>
    /// <param name="upstreams">Who knows the relays; null while nobody does.</param>
    /// <param name="time">For the start time.</param>
    public ProcessGauges(Meter meter, IUpstreamStates? upstreams, TimeProvider time)
    {
        var started = time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        var version = typeof(ProcessGauges).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "";
        Tag[] build = [new("service.version", version), new("process.runtime.version", Environment.Version.ToString())];
        meter.CreateObservableGauge("smtpproxy.build.info", () => new Measurement<int>(1, build), null, "What is running; always 1");
        meter.CreateObservableGauge("smtpproxy.start.time", () => started, "s", "When the process started, in Unix time");
        meter.CreateObservableGauge("smtpproxy.session.limit", Limits, "{session}",
            "Sessions a listener may have at once; absent where there is no cap");
        meter.CreateObservableGauge("smtpproxy.queue.memory", static () => QueueMemory.InUse, "By",
            "Octets of sessions that wait in the process's own memory");
        meter.CreateObservableGauge("smtpproxy.queue.memory.limit", static () => QueueMemory.Limit, "By",
            "How many of them may; 0 where there is no cap");
        meter.CreateObservableGauge("smtpproxy.record.memory", () => _records?.Invoke().InUse ?? 0, "By",
            "Octets that the records of sessions hold");
        meter.CreateObservableGauge("smtpproxy.record.memory.limit", () => _records?.Invoke().Limit ?? 0, "By",
            "How many they may; 0 where there is no cap");
        meter.CreateObservableGauge("smtpproxy.dialogue.memory", static () => Dialogues.InUse, "By",
            "Octets that commands without a reply take, where a client has many");
        meter.CreateObservableGauge("smtpproxy.dialogue.memory.limit", static () => Dialogues.Limit, "By",
            "How many they may; 0 where there is no cap");
        if (upstreams is not null)
        {
            meter.CreateObservableGauge("smtpproxy.upstream.up",
                () => upstreams.Current().Select(static s => new Measurement<int>(s.Up ? 1 : 0, TagsOf(s))), null,
                "Whether sessions are sent to a relay, and nothing speaks against it");
            meter.CreateObservableGauge("smtpproxy.upstream.state",
                () => upstreams.Current().SelectMany(static s =>
                    UpstreamState.States.Select(state =>
                        new Measurement<int>(s.State == state ? 1 : 0, [new(Attributes.State, state), .. TagsOf(s)]))),
                null, "Where a relay stands: 1 for the state that it is in, 0 for the others");
            meter.CreateObservableGauge("smtpproxy.upstream.sessions",
                () => upstreams.Current().Select(static s => new Measurement<int>(s.Sessions, TagsOf(s))), "{session}",
                "Sessions that a relay has now");
            meter.CreateObservableGauge("smtpproxy.upstream.discards",
                () => upstreams.Current().Select(static s => new Measurement<int>(s.Discards ? 1 : 0, TagsOf(s))), null,
                "Whether mail that a relay accepts is discarded: 1 for the embedded sink");
            meter.CreateObservableGauge("smtpproxy.upstream.trusts_proxy",
                () => upstreams.Current().Where(static s => s.TrustsProxy is not null)
                    .Select(static s => new Measurement<int>(s.TrustsProxy == true ? 1 : 0, TagsOf(s))), null,
                "Whether a relay offers XCLIENT or XFORWARD to this proxy, and is not told who its clients are");
        }
    }

    private static Protocol.Exchanges.ExchangeMemory Dialogues => Protocol.DialogueLimits.Default.Memory;

    /// <summary>Sets a listener's cap on sessions; 0: none.</summary>
    public void SetLimit(string listener, int limit) => _limits[listener] = (limit, [new(Attributes.Listener, listener)]);

    /// <summary>Takes from where it is known how many octets the records of sessions hold, and how many they may.
    /// Called at each collection.</summary>
    public void Observe(Func<(long InUse, long Limit)> records) => _records = records;

    private static Tag[] TagsOf(UpstreamState state) =>
        [new(Attributes.Cluster, state.Cluster), new(Attributes.Destination, state.Destination)];

    private IEnumerable<Measurement<int>> Limits() =>
        _limits.Values.Where(static l => l.Limit > 0).Select(static l => new Measurement<int>(l.Limit, l.Tags));
}
