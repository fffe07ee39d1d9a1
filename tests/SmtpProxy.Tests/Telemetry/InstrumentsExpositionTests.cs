using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Engine;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Fleet;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tests.Tls;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>What Prometheus gets to see: names, types, units and labels, against a golden file. Dashboards
/// and rules hang on them.</summary>
[Collection(Alone.Name)]
public sealed partial class InstrumentsExpositionTests : IAsyncLifetime, IDisposable, IUpstreamStates
{
    private readonly string _journal = Path.GetTempFileName();
    private readonly TestCertificates _made = new();
    private WebApplication _app = null!;
    private SpanProbe? _spans;
    private string _metrics = "";
    private string _openMetrics = "";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // The product's own configuration lies beside the tests, and has an address for HTTP that others may use.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> 
        {
            [JournalOptions.Section + ":Path"] = _journal,
            // One of the two bad sessions is kept.
            [TelemetryOptions.Section + ":SampleShare"] = "0",
            [TelemetryOptions.Section + ":MaxTracesPerSecond"] = "1",
        });
        builder.Services.AddSingleton<IUpstreamStates>(this);
        builder.Services.AddSingleton(Handshake.Certificates(null, _made.Until(TimeSpan.FromDays(5), "a.example"), _made.Good()));
        builder.Services.AddSmtpProxyTelemetry(builder.Configuration);
        _app = builder.Build();
        _app.MapPrometheusScrapingEndpoint();
        await _app.StartAsync();
        _spans = new SpanProbe(_app.Services.GetRequiredService<SessionTracer>().Source);
        Exercise(_app.Services.GetRequiredService<ITelemetry>());
        Exercise(new FaultInstruments(_app.Services.GetRequiredService<Meter>()));
        new FleetInstruments(_app.Services.GetRequiredService<Meter>(), static () => true, static () => 3, static () => 1, static () => 1)
            .Asked(FleetUse.Beat, FleetOutcome.Ok, TimeSpan.FromMilliseconds(1));
        using var http = new HttpClient { DefaultRequestVersion = HttpVersion.Version11 };
        _metrics = await http.GetStringAsync(new Uri(_app.Urls.First() + "/metrics"));
        http.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text; version=1.0.0");
        _openMetrics = await http.GetStringAsync(new Uri(_app.Urls.First() + "/metrics"));
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        File.Delete(_journal);
        _made.Dispose();
    }

    public void Dispose() => _spans?.Dispose();

    IEnumerable<UpstreamState> IUpstreamStates.Current() =>
        [new("relays", "mx1", "up", 3, TrustsProxy: false), new("relays", "mx2", "down", 0)];

    [Fact]
    public void Metrics_OfTheProduct_AreThoseOfTheGoldenFile()
    {
        var golden = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Telemetry", "metrics.golden.txt"));
        Assert.Equal(string.Join('\n', golden), string.Join('\n', Names("smtpproxy_")));
    }

    [Fact]
    public void Metrics_OfServerAndRuntime_AreExportedToo()
    {
        Assert.Contains(Names("kestrel_"), n => n.StartsWith("kestrel_active_connections ", StringComparison.Ordinal));
        Assert.Contains(Names("dotnet_"), n => n.StartsWith("dotnet_gc_collections_total ", StringComparison.Ordinal));
    }

    private static void Exercise(FaultInstruments faults)
    {
        var text = JsonNode.Parse("""{ "at": "mail", "action": { "type": "delay", "duration": "00:00:01" } }""")!.AsObject();
        var rule = RuleParser.Read("slow", text, RuleSource.File, new FaultsOptions(), DateTimeOffset.UnixEpoch, out _)!;
        faults.Observe(() => [(rule, true)]);
        faults.Skipped("slow", "budget");
        faults.Injected(new Injection(static _ => { })
        {
            Rule = "slow",
            Action = "delay",
            Point = FaultPoint.Mail,
            Effect = DeliveryEffect.None,
            Seed = 1,
            DecisionKey = "k:1",
            Session = "s",
            Time = DateTimeOffset.UnixEpoch,
            AddedDelay = TimeSpan.FromSeconds(1),
        });
    }

    [Fact]
    public void Metrics_ScopeInfo_IsOff() => Assert.DoesNotContain("otel_scope", _metrics, StringComparison.Ordinal);

    [Fact]
    public void Metrics_Buckets_AreAsDocumented()
    {
        string[] Bounds(string histogram) =>
            [.. Regex.Matches(_metrics, $"^{histogram}_bucket\\{{.*le=\"([^\"]+)\"", RegexOptions.Multiline).Select(m => m.Groups[1].Value)
                .Distinct()];
        Assert.Equal(
            ["0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5",
                "10", "30", "60", "120", "300", "+Inf"],
            Bounds("smtpproxy_operation_duration_seconds"));
        Assert.Equal("1E-05", Bounds("smtpproxy_overhead_duration_seconds")[0]);
        Assert.Equal(["1024", "4096", "16384"], Bounds("smtpproxy_message_size_bytes").Take(3));
    }

    [Fact]
    public void Exemplars_AllOfThem_LeadToTracesThatExist()
    {
        var known = _spans!.Of("SMTP session").Select(static s => s.TraceId.ToHexString()).ToHashSet();
        var shown = Regex.Matches(_openMetrics, "# \\{trace_id=\"([0-9a-f]{32})\"").Select(static m => m.Groups[1].Value).ToArray();
        Assert.Matches("smtpproxy_operation_duration_seconds_bucket\\{.*trace_id", _openMetrics);
        Assert.All(shown, id => Assert.Contains(id, known));
    }

    [Fact]
    public void Metrics_Handshakes_AreCountedByWhyTheyFailed()
    {
        Assert.Matches(
            "smtpproxy_tls_handshakes_total\\{smtpproxy_destination=\"none\",smtpproxy_leg=\"client\",smtpproxy_listener=\"inbound\"," +
                "tls_protocol_version=\"1.3\"\\} 1", _metrics);
        Assert.Matches(
            "smtpproxy_tls_handshakes_total\\{error_type=\"untrusted\",smtpproxy_destination=\"mx1\",smtpproxy_leg=\"relay\"," +
                "smtpproxy_listener=\"inbound\"\\} 1", _metrics);
        Assert.DoesNotContain("Secret Corp", _metrics, StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_CertificateExpiry_IsThatOfTheFirstToExpire()
    {
        var left = double.Parse(Regex.Match(_metrics,
            "smtpproxy_tls_certificate_expiry_seconds\\{smtpproxy_listener=\"in\"\\} ([0-9.]+)").Groups[1].Value,
            CultureInfo.InvariantCulture);
        Assert.InRange(TimeSpan.FromSeconds(left).TotalDays, 4.9, 5);
    }

    [Fact]
    public void Metrics_Upstreams_AreShown()
    {
        Assert.Matches("""smtpproxy_upstream_up\{smtpproxy_cluster="relays",smtpproxy_destination="mx1"\} 1""", _metrics);
        Assert.Matches("""smtpproxy_upstream_up\{smtpproxy_cluster="relays",smtpproxy_destination="mx2"\} 0""", _metrics);
        Assert.Matches("""smtpproxy_upstream_sessions\{smtpproxy_cluster="relays",smtpproxy_destination="mx1"\} 3""", _metrics);
    }

    [Fact]
    public async Task Stop_WritesTheJournalToItsEnd()
    {
        await _app.StopAsync();
        Assert.Equal(3, (await File.ReadAllLinesAsync(_journal)).Length);
    }

    /// <summary>Makes every instrument and attribute appear.</summary>
    private static void Exercise(ITelemetry telemetry)
    {
        telemetry.SessionLimit("inbound", 100);
        telemetry.Lagged("epoll", 1);
        telemetry.LimitHit("sessions");
        telemetry.ConfigReloaded(applied: false);
        telemetry.Handshaken("inbound", "mx1", new HandshakeNote(Leg.Client, SslProtocols.Tls13, null, null, null));
        telemetry.Handshaken("inbound", "mx1",
            new HandshakeNote(Leg.Relay, SslProtocols.None, null, null,
                new TlsFailure(TlsFailure.Untrusted, "untrusted root: CN=Secret Corp")));
        using var talk = new Conversation(telemetry);
        talk.Greet().Wait(1).Client("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>").Wait(1).Relay("250 2.1.0 ok", "450 4.7.1 later")
            .Wait(1).Pass(Leg.Client, "RCPT TO:<c@example.net>\n"u8.ToArray()).Wait(1).Relay("250 ok").Ask("DATA", "354 go")
            .Wait(1).Client("hi", ".").Wait(1).Relay("250 ok").Ask("QUIT", "221 bye").Over();
        talk.Begin();
        talk.Greet().Ask("MAIL FROM:<a@example.org>", "250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go").Wait(1)
            .Client("hi", ".")
            .Over(SessionOutcome.RelayGone);
        talk.Begin();
        talk.Greet().Ask("STARTTLS", "220 go").Over();
        // One that is open.
        talk.Begin();
        talk.Greet();
    }

    /// <summary><c>name type unit labels</c> of each metric, sorted; a histogram without its own label <c>le</c>.</summary>
    private IEnumerable<string> Names(string prefix)
    {
        var types = TypeLine().Matches(_metrics).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        foreach (var (name, type) in types.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal))
            .OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var series = Regex.Matches(_metrics, $"^{name}(?:_count)?(?:\\{{([^}}]*)\\}})? ", RegexOptions.Multiline);
            var labels = series.SelectMany(m => LabelName().Matches(m.Groups[1].Value)).Select(m => m.Groups[1].Value).Distinct();
            yield return $"{name} {type} {string.Join(',', labels.Order(StringComparer.Ordinal))}".TrimEnd();
        }
    }

    [GeneratedRegex("^# TYPE (\\S+) (\\S+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex("(?:^|,)([A-Za-z_][A-Za-z0-9_]*)=\"")]
    private static partial Regex LabelName();
}
