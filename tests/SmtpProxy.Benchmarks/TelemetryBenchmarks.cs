using System.Diagnostics;
using System.Net;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Tests;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Benchmarks;

/// <summary>What one session of one message costs to follow, and what each part of telemetry adds to it.</summary>
[MemoryDiagnoser]
public class TelemetryBenchmarks : IDisposable
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 40112);
    private static readonly IPEndPoint Listener = new(IPAddress.Loopback, 2525);
    private static readonly byte[][] Octets =
    [
        .. from text in (string[])
           [
               "220 mx ESMTP\r\n", "EHLO client\r\n", "250-mx\r\n250-PIPELINING\r\n250 SIZE 1000\r\n", "MAIL FROM:<a@example.org>\r\n",
               "250 2.1.0 ok\r\n",
               "RCPT TO:<b@example.net>\r\n", "250 2.1.5 ok\r\n", "DATA\r\n", "354 go\r\n", "Subject: hi\r\n\r\nhi\r\n.\r\n",
               "250 2.0.0 Ok: queued as 4F1XYZ\r\n", "QUIT\r\n", "221 2.0.0 bye\r\n",
           ]
           select Encoding.ASCII.GetBytes(text),
    ];

    private readonly Silence _silence = new();
    private ActivityListener? _traces;
    private ServiceProvider _services = null!;
    private ITelemetry _telemetry = null!;
    private Dialogue _dialogue = null!;
    private long _now;

    /// <summary>How much of telemetry is on.</summary>
    public enum Part
    {
        /// <summary>The dialogue is followed, and nobody listens: what telemetry's cost is held against.</summary>
        Nothing,

        /// <summary>Clocks, attribution and records, without anybody who reads the instruments.</summary>
        Records,

        /// <summary>With the metrics pipeline, exemplars included: what <c>/metrics</c> needs.</summary>
        Metrics,

        /// <summary>And with somebody who takes traces; the session gives no reason to keep its own but the lot.</summary>
        MetricsAndTraces,

        /// <summary>Metrics and a journal. Its queue soon is full: what is measured is the loop's side of it.</summary>
        MetricsAndJournal,
    }

    /// <summary>How much of telemetry is on.</summary>
    [ParamsAllValues]
    public Part On { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
                { ["SmtpProxy:Journal:Path"] = On == Part.MetricsAndJournal ? "-" : null })
            .Build();
        _services = new ServiceCollection().AddLogging().AddSmtpProxyTelemetry(configuration).BuildServiceProvider();
        if (On >= Part.Metrics)
        {
            _services.GetRequiredService<OpenTelemetry.Metrics.MeterProvider>();
        }

        if (On == Part.MetricsAndTraces)
        {
            _traces = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == "SmtpProxy",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            };
            ActivitySource.AddActivityListener(_traces);
        }

        _telemetry = _services.GetRequiredService<ITelemetry>();
        _dialogue = new Dialogue(_telemetry.Open("inbound", "relays").Observer, DialogueLimits.Default);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _traces?.Dispose();
        _services.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Session()
    {
        if (On == Part.Nothing)
        {
            Follow();
            return;
        }

        var session = _telemetry.Open("inbound", "relays");
        _dialogue.Reset(session.Observer);
        session.Accepted(Client, Listener, _now);
        _dialogue.Start();
        session.Dialling("mx1", _now);
        session.Dialled(new DialNote(new DialResult(DialOutcome.Connected, Listener, Client, null)), _now += 100_000);
        for (var turn = 0; turn < Octets.Length; turn++)
        {
            session.Read(turn % 2 == 0 ? Leg.Relay : Leg.Client, Octets[turn], _now += 100_000);
            _ = turn % 2 == 0 ? _dialogue.FromRelay(Octets[turn]) : _dialogue.FromClient(Octets[turn]);
            session.Settled(_dialogue, null, _now += 10_000);
        }

        _dialogue.Ended(Leg.Client);
        _dialogue.Ended(Leg.Relay);
        _dialogue.Finish();
        session.Over(_dialogue, SessionOutcome.Quit, _now);
    }

    private void Follow()
    {
        _dialogue.Reset(_silence);
        _dialogue.Start();
        for (var turn = 0; turn < Octets.Length; turn++)
        {
            _ = turn % 2 == 0 ? _dialogue.FromRelay(Octets[turn]) : _dialogue.FromClient(Octets[turn]);
        }

        _dialogue.Ended(Leg.Client);
        _dialogue.Ended(Leg.Relay);
        _dialogue.Finish();
    }
}
