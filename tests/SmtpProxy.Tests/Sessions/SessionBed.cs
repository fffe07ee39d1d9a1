using System.Buffers;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Faults;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions;

/// <summary>A session host over simulated connections and relays, with the real dialogue and the real telemetry.</summary>
internal sealed class SessionBed
{
    /// <summary>So many beds of a thread can be asked for their metrics. What knows of meters keeps them until they are disposed of, and
    /// all of a bed with them (0.1 MB): a test of some ten thousand sessions would take gigabytes.</summary>
    private const int MeteredBeds = 64;

    [ThreadStatic]
    private static Queue<Meter>? _meters;

    private readonly JournalQueue _journal = new(1000, 1000, () => { });
    private readonly Func<string, double> _limits;
    private JsonElement? _record;

    public SessionBed(SessionLimits? limits = null, int? seed = null, int relays = 1, IFaultEngine? faults = null,
        RelayIdentity? identity = null,
        ListenerTls? tls = null, RelayTls? relayTls = null, ICommonLimits? common = null, ILogger<SessionHost>? log = null,
        Func<Instruments, SessionTracer>? traces = null)
    {
        Relays = new FakeRelays(relays) { Identity = identity ?? RelayIdentity.None };
        Relays.Tls = relayTls ?? Relays.Tls;
        var meter = Meter = NewMeter();
        var instruments = new Instruments(meter);
        AtRisk = verdict =>
        {
            using var probe = new MetricsProbe(meter);
            return (long)probe.Sum("smtpproxy.transactions.at_risk", "smtpproxy.verdict=" + verdict);
        };
        _limits = limit => instruments.LimitsHit[limit].Count;
        var telemetry = new ProxyTelemetry(instruments, new ProcessGauges(meter, null, TimeProvider.System), _journal,
            () => new AddressFilter(AddressPrivacy.Full, []), TimeProvider.System, null, traces?.Invoke(instruments));
        var its = limits ?? new SessionLimits();
        var certificates = tls is null ? null
            : new ServerCertificates([KeyValuePair.Create("inbound", tls)], TimeProvider.System, NullLogger<ServerCertificates>.Instance);
        // The simulated pair shakes hands itself, and encrypts nothing.
        Host = new SessionHost(() => its, Relays, telemetry, log ?? NullLogger<SessionHost>.Instance, faults, certificates, common)
            { Encrypting = static session => session };
        Sim = seed is { } value
            ? new Simulation.Simulation(Open(), value)
            : new Simulation.Simulation(Open());
    }

    public FakeRelays Relays { get; }

    public SessionHost Host { get; }

    public Simulation.Simulation Sim { get; }

    /// <summary>Where its metrics are.</summary>
    public Meter Meter { get; }

    /// <summary>The first session's line in the journal.</summary>
    public JsonElement Record => _record ??= Read();

    /// <summary>How many transactions are at risk, by what the relay said of them.</summary>
    public Func<string, long> AtRisk { get; }

    /// <summary>How often this bound was met.</summary>
    public double Limits(string limit) => _limits(limit);

    /// <summary>Another connection to the same host.</summary>
    public Simulation.Simulation Another() => new(Open());

    /// <summary>A connection whose session is reached through something that stands before it.</summary>
    public Simulation.Simulation Through(Func<Func<Arrival, IPairHandler?>, IPairHandler> gate, int? seed = null)
    {
        IPairHandler? Opened(Arrival arrival) => Host.Open("inbound", "relays", arrival);
        return seed is { } value ? new(gate(Opened), value) : new(gate(Opened));
    }

    /// <summary>What the host makes of a connection; null: it is closed at once.</summary>
    public IPairHandler? Opened(string client = "192.0.2.7", long at = 0) =>
        Host.Open("inbound", "relays",
            new Arrival(new IPEndPoint(IPAddress.Parse(client), 40_112), new IPEndPoint(IPAddress.Parse("192.0.2.1"), 25), at));

    private static Meter NewMeter()
    {
        var meters = _meters ??= new Queue<Meter>();
        if (meters.Count == MeteredBeds)
        {
            meters.Dequeue().Dispose();
        }

        var meter = new Meter("test");
        meters.Enqueue(meter);
        return meter;
    }

    private IPairHandler Open() => Opened() ?? throw new InvalidOperationException("the connection was closed at once");

    private JsonElement Read()
    {
        Assert.True(_journal.Reader.TryRead(out var record), "no session has ended");
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            JournalJson.Write(json, record);
        }

        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }
}
