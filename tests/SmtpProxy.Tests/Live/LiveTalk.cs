using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Live;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Live;

/// <summary>Sessions in virtual time whose records are kept to be looked at.</summary>
internal sealed class LiveTalk : IDisposable
{
    private readonly Meter _meter = new(Instruments.MeterName);
    private readonly SightingKeeper _keeper;

    public LiveTalk(LiveOptions? options = null, string addresses = "full", bool journal = false, TimeProvider? time = null)
    {
        options ??= new LiveOptions();
        Instruments = new Instruments(_meter);
        Open = new OpenSessions(_meter, TimeProvider.System);
        _keeper = new SightingKeeper(options);
        Store = new SightingStore(options);
        Clients = new ClientTable(options);
        Writer = new SightingWriter(options, _keeper, Store, Clients, NullLogger<SightingWriter>.Instance);
        Queue = journal ? new JournalQueue(10, 100, static () => { }) : null;
        var filter = new PrivacyOptions { Addresses = addresses }.ToFilter();
        var telemetry = new ProxyTelemetry(Instruments, new ProcessGauges(_meter, null, TimeProvider.System), Queue, () => filter,
            time ?? TimeProvider.System) { Sessions = Open, Keeper = _keeper };
        Telemetry = telemetry;
        Sessions = new LiveSessions(Open, telemetry.Records);
        Talk = new Conversation(telemetry);
    }

    public Instruments Instruments { get; }

    public ProxyTelemetry Telemetry { get; }

    public OpenSessions Open { get; }

    public JournalQueue? Queue { get; }

    public SightingStore Store { get; }

    public SightingWriter Writer { get; }

    public ClientTable Clients { get; }

    public LiveSessions Sessions { get; }

    public Conversation Talk { get; }

    /// <summary>A whole session with one message, which is kept.</summary>
    public Sighting Deliver(string reply = "250 2.0.0 Ok: queued as 4F1XYZ12")
    {
        Talk.Begin();
        Talk.Greet().Deliver(reply).Ask("QUIT", "221 2.0.0 Bye").Over();
        return Kept();
    }

    /// <summary>What was kept last.</summary>
    public Sighting Kept()
    {
        Writer.Drain();
        return Store.Before()[0];
    }

    public static JsonElement Json(Sighting sighting) => JsonElement.Parse(sighting.Detail.Span);

    public void Dispose()
    {
        Writer.Dispose();
        _keeper.Dispose();
        Talk.Dispose();
        _meter.Dispose();
    }
}
