using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Fleet;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>Every panel and every rule before a real Prometheus, which is asked through the proxy's own admin port.</summary>
public sealed partial class PrometheusTests
{
    private static readonly string Dashboards = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "dashboards"));

    /// <summary>Panels of what does not happen in the demo; dashboards/README.md says so.</summary>
    private static readonly string[] Quiet =
        ["Series overflow", "Anomalies around TLS", "Capabilities that changed", "Clients that left tracking",
            "Requests to Redis that were not answered"];

    /// <summary>Shares of what there is without any traffic.</summary>
    private static readonly string[] States = ["Proxies scraped", "Relays up", "Sessions against limit"];

    [SkippableFact]
    public async Task Panels_WithTheDemo_AllHaveDataOfTheirOwn()
    {
        await using var prometheus = await PrometheusServer.StartAsync(Path.Combine(Dashboards, "prometheus"));
        await using var redis = await RedisServer.StartAsync();
        await using var demo = ProxyProcess.Begin(
        [
            "demo", "--port", "0", "--admin", "http://127.0.0.1:0", "--faults", "--rate", "40", "--SmtpProxy:Limits:FinalReply=00:00:02",
            .. Route(prometheus), .. redis.Fleet(),
        ]);
        await demo.Output.AwaitAsync(static line => line.StartsWith("listening ", StringComparison.Ordinal), 1);
        prometheus.Scrape(demo.Admin);

        // Scrapes of a busy machine, and what is rare in the demo, are seconds apart.
        foreach (var (panel, _, _, expression) in Expressions("1m").Where(static p => !IsOneOf(Quiet, p.Panel)))
        {
            await Eventually.Async(async () => (await prometheus.QueryAsync(WithoutFallback(expression), demo.Admin)).Length > 0,
                $"{panel} has no data:\n{expression}");
        }

        Assert.Empty(await prometheus.QueryAsync("{otel_metric_overflow=\"true\"}"));
        await EvaluateRules(prometheus);
        await Eventually.Async(async () => (await prometheus.QueryAsync("smtpproxy:mail:bad_ratio_rate5m")).Length > 0,
            "nothing was recorded");
    }

    [SkippableFact]
    public async Task Panels_OfAProxyThatIsIdleAndThenDead_ClaimNoShareOfNothingAndThenNothing()
    {
        await using var prometheus = await PrometheusServer.StartAsync(Path.Combine(Dashboards, "prometheus"));
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = await ProxyProcess.StartAsync([.. Route(prometheus), .. redis.Fleet()]);
        prometheus.Scrape(proxy.Admin);
        await Eventually.Async(async () => (await prometheus.QueryAsync("smtpproxy:transactions:rate5m")).Length > 0,
            "nothing was recorded");

        foreach (var panel in Expressions("10s").GroupBy(static e => (e.Panel, e.Unit, e.Type), static e => e.Expression))
        {
            var results = await Task.WhenAll(panel.Select(expression => prometheus.QueryAsync(expression, proxy.Admin)));
            if (panel.Key.Unit is "s" or "percentunit" && !IsOneOf(States, panel.Key.Panel))
            {
                Assert.True(results.All(static r => r.All(IsNoNumber)),
                    $"{panel.Key.Panel} claims what nobody knows:\n{string.Join('\n', panel)}");
            }

            if (panel.Key.Type == "stat" && !IsOneOf(["Budget left, 30 d"], panel.Key.Panel))
            {
                Assert.True(results.All(static r => r.Length > 0),
                    $"{panel.Key.Panel} is empty though a proxy was scraped:\n{string.Join('\n', panel)}");
            }
        }

        await EvaluateRules(prometheus);
        Assert.DoesNotContain(
            await prometheus.QueryAsync("ALERTS{alertstate=\"firing\"}"),
            static a => a.GetProperty("metric").GetProperty("alertname").GetString() != "ProxyAbsent");

        proxy.Signal(9);
        const string IsMissed = "up == 0 unless on() smtpproxy:transactions:rate5m";
        await Eventually.Async(async () => (await prometheus.QueryAsync(IsMissed)).Length > 0, "the proxy is not missed");
        foreach (var (panel, _, _, expression) in Expressions("10s")
            .Where(static e => e.Type == "stat" && !IsOneOf(["Proxies scraped"], e.Panel)))
        {
            var result = await prometheus.QueryAsync(expression);
            Assert.True(result.Length == 0, $"{panel} claims something of a proxy that is dead:\n{expression}");
        }
    }

    [SkippableFact]
    public async Task Alerts_EachOfThem_FiresAndStaysQuietAsItsCasesSay()
    {
        var folder = Path.Combine(Dashboards, "prometheus");
        var promtool = PeerTool.Require("promtool");
        await Command.SucceedAsync(promtool, ["check", "rules", Path.Combine(folder, "recording.yml"), Path.Combine(folder, "alerts.yml")]);
        await Command.SucceedAsync(promtool, ["check", "config", "--syntax-only", Path.Combine(folder, "prometheus.yml")]);
        // A fifth of its time goes to its garbage collector unless that comes more rarely.
        await Command.SucceedAsync("env", ["GOGC=400", promtool, "test", "rules", Path.Combine(folder, "alerts.test.yml"),
            Path.Combine(folder, "alerts.days.test.yml")]);
    }

    private static bool IsOneOf(string[] titles, string panel) =>
        titles.Any(t => panel.EndsWith(": " + t, StringComparison.Ordinal));

    /// <summary>NaN is shown as a word: there was no traffic.</summary>
    private static bool IsNoNumber(JsonElement series) => series.GetProperty("value")[1].GetString() == "NaN";

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

    private static IEnumerable<(string Panel, string Unit, string Type, string Expression)> Expressions(string window) =>
        from file in Directory.GetFiles(Dashboards, "*.json")
        from top in JsonElement.Parse(File.ReadAllText(file)).GetProperty("panels").EnumerateArray()
        from panel in In(top)
        from target in panel.GetProperty("targets").EnumerateArray()
        select (
            $"{Path.GetFileName(file)}: {panel.GetProperty("title").GetString()}",
            panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!,
            panel.GetProperty("type").GetString()!,
            Plain(target.GetProperty("expr").GetString()!, window));

    /// <summary>The panels of a collapsed row, or the panel itself.</summary>
    private static IEnumerable<JsonElement> In(JsonElement panel) =>
        panel.TryGetProperty("panels", out var folded) ? folded.EnumerateArray() : Enumerable.Repeat(panel, 1);

    /// <summary>As Grafana sends it: all chosen, a window of some scrapes.</summary>
    private static string Plain(string expression, string window) => Variable().Replace(
        expression.Replace("$__rate_interval", window, StringComparison.Ordinal).Replace("$__range", "1m", StringComparison.Ordinal), ".*");

    /// <summary>Without the zero of a proxy that was scraped and has counted none.</summary>
    private static string WithoutFallback(string expression) => Fallback().Replace(expression, "");

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [GeneratedRegex(@"\$(job|instance|listener|cluster|destination)\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@" or (on \(\) )?(0|NaN) \* sum\(smtpproxy_build_info\{[^}]*\}\)$")]
    private static partial Regex Fallback();

    [GeneratedRegex(@"expr: \|\n((?: {10}.*\n)+)")]
    private static partial Regex Rule();
}
