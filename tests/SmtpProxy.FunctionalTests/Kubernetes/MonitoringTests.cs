using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>What a cluster observes the proxies by: the same rules and dashboards that are tested elsewhere.</summary>
public sealed partial class MonitoringTests
{
    private static readonly string Component = Path.Combine(Manifests.Folder, "components");

    [SkippableFact]
    public async Task Rules_OfTheOperator_AreThoseOfPrometheus()
    {
        PeerTool.Require("bash");
        Assert.Equal(
            await Command.SucceedAsync(Path.Combine(SourceFolder.Root, "build", "prometheus-rule"), []),
            await File.ReadAllTextAsync(Path.Combine(Component, "monitoring", "prometheusrule.yaml")));
    }

    [SkippableFact]
    public async Task Dashboards_AsConfigMaps_AreAllThereAreAndSmallEnough()
    {
        var manifests = await Manifests.WithComponentAsync("monitoring");
        var made = from document in manifests.Documents
                   where document.TextAt("metadata", "labels", "grafana_dashboard") == "1"
                   from file in document.GetProperty("data").EnumerateObject()
                   select (file.Name, file.Value.GetString()!);
        var shipped = Directory.GetFiles(Path.Combine(SourceFolder.Root, "dashboards"), "*.json", SearchOption.AllDirectories)
            .Select(static path => (Path.GetFileName(path), File.ReadAllText(path)));
        Assert.Equal(shipped.Order(), made.Order());
        // kubectl apply keeps what it applied in an annotation, which has 256 KiB.
        Assert.All(manifests.Documents, static document => Assert.InRange(document.GetRawText().Length, 1, 256 * 1024));
    }

    [Fact]
    public void Autoscaler_ItsMetric_IsMadeOfMetricsThatThereAre()
    {
        var rule = File.ReadAllText(Path.Combine(Component, "autoscaling", "adapter-rule.yaml"));
        var known = File.ReadLines(Path.Combine(SourceFolder.Root, "tests", "SmtpProxy.Tests", "Telemetry", "metrics.golden.txt"))
            .Select(static line => line.Split(' ')[0]).ToHashSet();
        var used = Metric().Matches(rule).Select(static m => m.Value).ToHashSet();
        Assert.Equal(["smtpproxy_active_sessions", "smtpproxy_session_limit"], used.Order());
        Assert.Subset(known, used);
        var named = Regex.Match(rule, "name: { as: (.*) }").Groups[1].Value;
        Assert.Contains($"metric: {{ name: {named} }}", File.ReadAllText(Path.Combine(Component, "autoscaling", "autoscaler.yaml")),
            StringComparison.Ordinal);
    }

    [GeneratedRegex("smtpproxy_(active_sessions|session_)[a-z]*")]
    private static partial Regex Metric();
}
