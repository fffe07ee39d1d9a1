using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>The Helm chart, rendered by the engine of Go's templates: no Helm is to be had here.</summary>
public sealed class ChartTests
{
    [SkippableFact]
    public async Task Chart_WithItsOwnValues_MakesWhatTheProductionOverlayMakes()
    {
        var chart = await RenderAsync("{}");
        Assert.Empty(chart.Problems);
        AssertSame(await Manifests.OfOverlayAsync("production"), chart);
    }

    [SkippableFact]
    public async Task Chart_WithAFleetAndAServiceMonitor_MakesWhatTheComponentsMake() => AssertSame(
        await Manifests.WithComponentsAsync("overlays/production", "fleet", "service-monitor"),
        await RenderAsync("""
            { "fleet": { "enabled": true }, "serviceMonitor": { "enabled": true }, "podMonitor": { "enabled": false } }
            """));

    [SkippableTheory]
    [InlineData("alerts")]
    [InlineData("dashboards")]
    public async Task Template_ThatIsMade_IsMadeOfWhatIsTested(string what)
    {
        PeerTool.Require("bash");
        Assert.Equal(
            await Command.SucceedAsync(Path.Combine(SourceFolder.Root, "build", "chart-monitoring"), [what]),
            await File.ReadAllTextAsync(Path.Combine(SourceFolder.Root, "deploy", "helm", "smtpproxy", "templates", $"{what}.yaml")));
    }

    [SkippableFact]
    public async Task Chart_WithEveryOtherValue_HasOnlyKnownFieldsAndWhatWasAskedFor()
    {
        var chart = await RenderAsync("""
            { "image": { "tag": "9.8.7" }, "config": "{ \"SmtpProxy\": {} }\n", "secret": "other", "env": { "DOTNET_ENVIRONMENT": "Staging" },
              "replicas": 3, "service": { "externalTrafficPolicy": "Cluster", "annotations": { "example.org/proxy": "v2" } },
              "proxyProtocolFrom": "10.0.0.0/8", "autoscaling": { "enabled": false }, "podMonitor": { "enabled": false },
              "networkPolicy": { "enabled": false }, "alerts": { "enabled": false }, "dashboards": { "enabled": false }, "nodeSelector": { "pool": "mail" } }
            """);
        Assert.Empty(chart.Problems);
        Assert.Equal(["ConfigMap", "Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"],
            chart.Documents.Select(static d => d.TextAt("kind")!).Order(StringComparer.Ordinal));
        var deployment = chart.One("Deployment", "smtpproxy");
        var container = deployment.At("spec", "template", "spec").Named("containers", "smtpproxy");
        Assert.Equal("3", deployment.TextAt("spec", "replicas"));
        Assert.Equal("mail", deployment.TextAt("spec", "template", "spec", "nodeSelector", "pool"));
        Assert.Equal("smtpproxy:9.8.7", container.TextAt("image"));
        Assert.Equal("Staging", container.Named("env", "DOTNET_ENVIRONMENT").TextAt("value"));
        Assert.Equal("10.0.0.0/8", container.Named("env", "SmtpProxy__Listeners__inbound__ProxyProtocolFrom").TextAt("value"));
        Assert.Equal("v2", chart.One("Service", "smtpproxy").TextAt("metadata", "annotations", "example.org/proxy"));
        Assert.Equal("{ \"SmtpProxy\": {} }\n", chart.One("ConfigMap", "smtpproxy").TextAt("data", "smtpproxy.json"));
    }

    private static void AssertSame(Manifests overlay, Manifests chart) => Assert.Equal(
        overlay.Documents.Where(static d => d.TextAt("kind") != "Namespace").Select(Ordered).Order(StringComparer.Ordinal),
        chart.Documents.Select(Ordered).Order(StringComparer.Ordinal));

    private static async Task<Manifests> RenderAsync(string values)
    {
        var node = PeerTool.Require("node");
        var modules = PeerTool.RequireUnpacked(Path.Combine("kubernetes", "node_modules"));
        return await Manifests.ReadAsync(await Command.SucceedAsync(node,
        [
            Path.Combine(SourceFolder.Root, "tests", "SmtpProxy.FunctionalTests", "Kubernetes", "chart.mjs"), modules,
            Path.Combine(SourceFolder.Root, "deploy", "helm", "smtpproxy"), "smtpproxy", values,
        ]));
    }

    /// <summary>The same text for the same document, in whatever order its members were written.</summary>
    private static string Ordered(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", element.EnumerateObject().OrderBy(static m => m.Name, StringComparer.Ordinal)
            .Select(static m => $"{m.Name}:{Ordered(m.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", element.EnumerateArray().Select(Ordered)) + "]",
        _ => element.GetRawText(),
    };
}
