using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>From a point in a graph to the trace behind it.</summary>
public sealed partial class ExemplarTests
{
    [SkippableTheory]
    [InlineData("50")]
    [InlineData("2")]
    public async Task Exemplars_OfLivelyTraffic_EachLeadsToATraceThatTheReceiverHas(string tracesPerSecond)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var demo = ProxyProcess.Begin(receiver.Environment("grpc"),
            ["demo", "--port", "0", "--admin", "http://127.0.0.1:0", "--journal", "-", "--rate", "60",
                "--SmtpProxy:Telemetry:SampleShare=0.1",
             $"--SmtpProxy:Telemetry:MaxTracesPerSecond={tracesPerSecond}"]);
        await demo.JournalAsync(150);
        var (exemplars, names) = await ExemplarsAsync(demo.Admin);
        Assert.NotEmpty(exemplars);
        // Sessions end, and their spans are pushed. Of a receiver that is too slow the demo tells how many it has not got.
        await Eventually.Async(async () =>
        {
            var lost = await LostAsync(demo);
            var traces = await receiver.TracesAsync();
            return exemplars.Count(id => !traces.TryGetValue(id, out var trace) || !IsWhole(trace)) <= lost;
        }, "points in graphs lead nowhere");
        demo.Signal(2);
        Assert.Equal(0, await demo.ExitAsync());
        // Where somebody clicks: at a latency.
        Assert.Contains("smtpproxy_operation_duration_seconds_bucket", names);
    }

    /// <summary>The root ends last.</summary>
    private static bool IsWhole(Trace trace) => trace.Spans.Any(static span => span.Parent is null && span.Name == "SMTP session");

    private static async Task<double> LostAsync(ProxyProcess demo)
    {
        var metrics = await Metrics.ReadAsync(demo);
        return new[] { "failed", "dropped" }.Sum(outcome =>
            metrics.Sum("smtpproxy_export_items_total", ("smtpproxy_signal", "traces"), ("smtpproxy_outcome", outcome)));
    }

    private static async Task<(string[] Ids, string[] Names)> ExemplarsAsync(Uri admin)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text; version=1.0.0"));
        var found = Exemplar().Matches(await http.GetStringAsync(new Uri(admin, "/metrics")));
        return ([.. found.Select(static m => m.Groups[2].Value).Distinct()], [.. found.Select(static m => m.Groups[1].Value).Distinct()]);
    }

    [GeneratedRegex("""^(\w+)\{[^#]*# \{[^}]*trace_id="([0-9a-f]+)"[^}]*\}""", RegexOptions.Multiline)]
    private static partial Regex Exemplar();
}
