using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>Every panel and every rule before a real Prometheus, which is asked through the proxy's own admin port.</summary>
public sealed partial class PrometheusTests
{
    private static readonly string Dashboards = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "dashboards"));

    /// <summary>Panels of what does not happen in the demo: faults, traces without a receiver, trouble of the telemetry itself.</summary>
    private static readonly string[] Quiet =
    [
        "Faults armed", "Series overflow", "Traces dropped", "Traces kept", "Handshakes failed", "TLS asked for", "Anomalies around TLS", "Limits hit",
        "Connect failures", "Error budget left (30 d)", "Capabilities that changed", "Clients that left tracking",
    ];

    /// <summary>Panels of shares: without traffic there is nothing to have a share in, and no number is better than a good one.</summary>
    private static readonly string[] UnknownWhileIdle = ["Accepted", "Deferred or lost", "Error budget left (30 d)", "Not seen", "STARTTLS granted"];

    [SkippableFact]
    public async Task Panels_WithTheDemo_AllHaveDataOfTheirOwn()
    {
        await using var prometheus = await PrometheusServer.StartAsync(Path.Combine(Dashboards, "prometheus"));
        await using var demo = ProxyProcess.Begin(
        [
            "demo", "--port", "0", "--admin", "http://127.0.0.1:0", "--rate", "40", "--SmtpProxy:Limits:FinalReply=00:00:02", .. Route(prometheus),
        ]);
        await demo.Output.AwaitAsync(static line => line.StartsWith("listening ", StringComparison.Ordinal), 1);
        prometheus.Scrape(demo.Admin);

        foreach (var (panel, expression) in Expressions().Where(static p => !p.Panel.StartsWith("faults.json", StringComparison.Ordinal)
            && !Quiet.Any(q => p.Panel.EndsWith(q, StringComparison.Ordinal))))
        {
            await Eventually.Async(async () => (await prometheus.QueryAsync(WithoutFallback(expression), demo.Admin)).Length > 0, $"{panel} has no data:\n{expression}");
        }

        Assert.Empty(await prometheus.QueryAsync("{otel_metric_overflow=\"true\"}"));
        await EvaluateRules(prometheus);
        await Eventually.Async(async () => (await prometheus.QueryAsync("smtpproxy:mail:bad_ratio_rate5m")).Length > 0, "nothing was recorded");
    }

    [SkippableFact]
    public async Task Panels_OfAnIdleProxy_ShowNothingAsZero_AndNoShareOfNothing()
    {
        await using var prometheus = await PrometheusServer.StartAsync(Path.Combine(Dashboards, "prometheus"));
        await using var proxy = await ProxyProcess.StartAsync(Route(prometheus));
        prometheus.Scrape(proxy.Admin);
        await Eventually.Async(async () => (await prometheus.QueryAsync("smtpproxy_build_info")).Length > 0, "nothing was scraped");

        foreach (var panel in Expressions().GroupBy(static e => e.Panel, static e => e.Expression))
        {
            var isUnknown = UnknownWhileIdle.Any(u => panel.Key.EndsWith(": " + u, StringComparison.Ordinal));
            var results = await Task.WhenAll(panel.Select(expression => prometheus.QueryAsync(expression, proxy.Admin)));
            Assert.True(results.Any(static r => r.Length > 0) != isUnknown, $"{panel.Key} {(isUnknown ? "claims what nobody knows" : "is empty")}:\n{string.Join('\n', panel)}");
        }

        await EvaluateRules(prometheus);
        Assert.DoesNotContain(
            await prometheus.QueryAsync("ALERTS{alertstate=\"firing\"}"),
            static a => a.GetProperty("metric").GetProperty("alertname").GetString() != "ProxyAbsent");
    }

    [SkippableFact]
    public async Task Alerts_EachOfThem_FiresAndStaysQuietAsItsCasesSay()
    {
        var folder = Path.Combine(Dashboards, "prometheus");
        var promtool = PeerTool.Require("promtool");
        await Command.SucceedAsync(promtool, ["check", "rules", Path.Combine(folder, "recording.yml"), Path.Combine(folder, "alerts.yml")]);
        await Command.SucceedAsync(promtool, ["check", "config", "--syntax-only", Path.Combine(folder, "prometheus.yml")]);
        await Command.SucceedAsync(promtool, ["test", "rules", Path.Combine(folder, "alerts.test.yml")]);
    }

    private static string[] Route(PrometheusServer prometheus) =>
    [
        "--ReverseProxy:Routes:prometheus:ClusterId=prometheus",
        "--ReverseProxy:Routes:prometheus:Match:Path=/prometheus/{**rest}",
        $"--ReverseProxy:Clusters:prometheus:Destinations:it:Address={prometheus.Address}",
    ];

    private static async Task EvaluateRules(PrometheusServer prometheus)
    {
        foreach (var file in (string[])["recording.yml", "alerts.yml"])
        {
            foreach (Match rule in Rule().Matches(await File.ReadAllTextAsync(Path.Combine(Dashboards, "prometheus", file))))
            {
                await prometheus.QueryAsync(rule.Groups[1].Value);
            }
        }
    }

    private static IEnumerable<(string Panel, string Expression)> Expressions() =>
        from file in Directory.GetFiles(Dashboards, "*.json")
        from panel in JsonElement.Parse(File.ReadAllText(file)).GetProperty("panels").EnumerateArray()
        where panel.TryGetProperty("targets", out _)
        from target in panel.GetProperty("targets").EnumerateArray()
        select ($"{Path.GetFileName(file)}: {panel.GetProperty("title").GetString()}", Plain(target.GetProperty("expr").GetString()!));

    /// <summary>As Grafana sends it: all chosen, a window of some scrapes.</summary>
    private static string Plain(string expression) => Variable().Replace(
        expression.Replace("$__rate_interval", "10s", StringComparison.Ordinal).Replace("$__range", "1m", StringComparison.Ordinal), ".*");

    /// <summary>Without the zero that stands for silence.</summary>
    private static string WithoutFallback(string expression) => Fallback().Replace(expression, "");

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [GeneratedRegex(@"\$(job|instance|listener|cluster|destination)\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@" or (on\(\) label_replace\(.*|vector\([01]\))$")]
    private static partial Regex Fallback();

    [GeneratedRegex(@"expr: \|\n((?: {10}.*\n)+)")]
    private static partial Regex Rule();
}
