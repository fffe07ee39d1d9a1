using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>What is shipped for Kubernetes: accepted by its schemas, and what a cautious cluster asks of every pod.</summary>
public sealed partial class ManifestTests
{
    private static readonly string[] Overlays = ["production", "staging", "sidecar"];

    public static TheoryData<string> All =>
        [.. Overlays, .. Directory.GetDirectories(Path.Combine(Manifests.Folder, "components"))
            .Select(static f => $"+{Path.GetFileName(f)}")];

    [Fact]
    public void Overlay_OfTheFolder_IsOneThatIsTested() =>
        Assert.Equal(Overlays.Order(), Directory.GetDirectories(Path.Combine(Manifests.Folder, "overlays")).Select(Path.GetFileName)
            .Order());

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Manifests_OfEachOverlayAndComponent_HaveOnlyKnownFieldsWithGoodValues(string name) =>
        Assert.Empty((await RenderAsync(name)).Problems);

    [SkippableFact]
    public async Task Manifests_WithAFieldOrAValueThatIsNone_AreFound()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Manifests.Folder, "base", "deployment.yaml"));
        Assert.Empty((await Manifests.ReadAsync(text)).Problems);
        Assert.NotEmpty((await Manifests.ReadAsync(text.Replace("minReadySeconds", "minReadySecond", StringComparison.Ordinal))).Problems);
        Assert.NotEmpty((await Manifests.ReadAsync(text.Replace("1Gi", "1 GB", StringComparison.Ordinal))).Problems);
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Container_OfEachPod_IsRestrictedHasRequestsAndProbesAndATag(string name)
    {
        var manifests = await RenderAsync(name);
        foreach (var container in manifests.Containers)
        {
            Assert.Matches(@":\d+\.\d+\.\d+$", container.TextAt("image"));
            Assert.NotNull(container.TextAt("resources", "requests", "cpu"));
            Assert.NotNull(container.TextAt("resources", "requests", "memory"));
            Assert.Equal(container.TextAt("resources", "requests", "memory"), container.TextAt("resources", "limits", "memory"));
            Assert.NotNull(container.TextAt("readinessProbe"));
            Assert.NotNull(container.TextAt("livenessProbe"));
            if (container.TextAt("name") == "postfix")
            {
                // Its master begins as root and drops what it may do for each of its services.
                continue;
            }

            Assert.Equal("/readyz", container.TextAt("startupProbe", "httpGet", "path"));
            Assert.Equal("/readyz", container.TextAt("readinessProbe", "httpGet", "path"));
            Assert.Equal("/healthz", container.TextAt("livenessProbe", "httpGet", "path"));
            var security = container.GetProperty("securityContext");
            Assert.Equal("False", security.TextAt("allowPrivilegeEscalation"));
            Assert.Equal("True", security.TextAt("readOnlyRootFilesystem"));
            Assert.Equal("""["ALL"]""", security.At("capabilities", "drop").GetRawText());
            // The one that cannot: TPROXY.
            var isTransparent = name == "+transparent";
            Assert.Equal(isTransparent ? "False" : "True", security.TextAt("runAsNonRoot"));
            Assert.Equal(isTransparent ? """["NET_ADMIN"]""" : null, security.TextAt("capabilities", "add"));
        }

        foreach (var pod in manifests.Pods)
        {
            Assert.Equal("RuntimeDefault", pod.TextAt("securityContext", "seccompProfile", "type"));
            Assert.Equal("False", pod.TextAt("automountServiceAccountToken"));
            Assert.DoesNotContain(pod.List("volumes"), static volume => volume.TryGetProperty("hostPath", out _));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Secret_OfAnyKind_IsInNoManifest(string name)
    {
        var manifests = await RenderAsync(name);
        Assert.DoesNotContain(manifests.Documents, static d => d.TextAt("kind") == "Secret");
        Assert.DoesNotContain(manifests.Documents, static d => d.TextAt("kind") == "ConfigMap"
            && d.TextAt("metadata", "labels", "grafana_dashboard") is null && SecretSetting().IsMatch(d.TextAt("data")!));
        Assert.DoesNotContain(manifests.Containers.SelectMany(static c => c.List("env")),
            static variable => SecretSetting().IsMatch(variable.TextAt("name")!.Replace("__", ":", StringComparison.Ordinal)));
    }

    [SkippableTheory]
    [InlineData("production")]
    [InlineData("staging")]
    [InlineData("sidecar")]
    public async Task GracePeriod_OfAPod_IsLongEnoughForItsOwnStop(string overlay)
    {
        var manifests = await Manifests.OfOverlayAsync(overlay);
        using var settings = JsonDocument.Parse(manifests.One("ConfigMap", "smtpproxy").At("data", "smtpproxy.json").GetString()!,
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        var limits = settings.RootElement.At("SmtpProxy", "Limits");
        var stop = (int)(Time(limits, "StopDelay") + Time(limits, "Drain")).TotalSeconds + 10;
        var pod = Assert.Single(manifests.Pods);
        var grace = pod.GetProperty("terminationGracePeriodSeconds").GetInt32();
        if (overlay == "sidecar")
        {
            // Postfix outlives the proxy.
            var wait = pod.Named("containers", "postfix").At("lifecycle", "preStop", "sleep", "seconds").GetInt32();
            Assert.Equal(stop, wait);
            Assert.InRange(grace, wait + 20, wait + 60);
        }
        else
        {
            Assert.Equal(stop, grace);
        }
    }

    [SkippableFact]
    public async Task Fleet_OfTheComponent_HasItsSecretsInTheMountedFolderAndMayReachRedis()
    {
        var manifests = await Manifests.WithComponentAsync("fleet");
        var pod = Assert.Single(manifests.Pods);
        var container = pod.Named("containers", "smtpproxy");
        var folder = container.Named("volumeMounts", "fleet").TextAt("mountPath");
        Assert.Equal("smtpproxy-fleet", pod.Named("volumes", "fleet").TextAt("secret", "secretName"));
        foreach (var (name, file) in new[] { ("Key", "key"), ("Password", "password"), ("Token", "token") })
        {
            Assert.Equal($"{folder}/{file}", container.Named("env", $"SmtpProxy__Fleet__{name}File").TextAt("value"));
        }

        var port = container.Named("env", "SmtpProxy__Fleet__Redis").TextAt("value")!.Split(':')[^1];
        Assert.Contains(manifests.One("NetworkPolicy", "smtpproxy").GetProperty("spec").List("egress"),
            rule => rule.List("ports").Any(p => p.TextAt("port") == port));
    }

    [SkippableFact]
    public async Task Fleet_OfTheComponent_LetsPodsAndNobodyElseReadEachOther()
    {
        var manifests = await Manifests.WithComponentAsync("fleet");
        var pod = Assert.Single(manifests.Pods).Named("containers", "smtpproxy");
        var names = pod.List("env").Select(static v => v.TextAt("name")).ToList();
        Assert.True(names.IndexOf("POD_IP") < names.IndexOf("SmtpProxy__Fleet__AdminUrl"), "an address is used before it is set");
        Assert.Equal("http://$(POD_IP):9025", pod.Named("env", "SmtpProxy__Fleet__AdminUrl").TextAt("value"));
        var policy = manifests.One("NetworkPolicy", "smtpproxy").GetProperty("spec");
        foreach (var (way, port, peers) in new[] { ("ingress", "admin", "from"), ("egress", "9025", "to") })
        {
            var rules = policy.List(way).Where(r => r.List("ports").Any(p => p.TextAt("port") == port)).ToList();
            Assert.All(rules, rule => Assert.NotEmpty(rule.List(peers)));
            Assert.Contains(rules, rule => rule.List(peers).Any(static peer =>
                peer.TextAt("podSelector", "matchLabels", "app.kubernetes.io/name") == "smtpproxy"));
        }
    }

    [SkippableFact]
    public async Task Sidecar_BesidePostfix_IsTheContainerOfTheDeployment() =>
        Assert.Equal(
            Assert.Single((await Manifests.OfOverlayAsync("production")).Pods).Named("containers", "smtpproxy").GetRawText(),
            Assert.Single((await Manifests.OfOverlayAsync("sidecar")).Pods).Named("containers", "smtpproxy").GetRawText());

    [SkippableFact]
    public async Task Tag_OfTheImage_IsThisVersion()
    {
        var version = Regex.Match(await File.ReadAllTextAsync(Path.Combine(SourceFolder.Root, "Directory.Build.props")),
            "<VersionPrefix>(.*)</VersionPrefix>").Groups[1].Value;
        var pod = Assert.Single((await Manifests.OfOverlayAsync("production")).Pods);
        Assert.Equal($"smtpproxy:{version}", pod.Named("containers", "smtpproxy").TextAt("image"));
    }

    [SkippableFact]
    public async Task Ports_OfServiceProbesPolicyAndMonitor_AreThoseOfTheContainer()
    {
        var manifests = await Manifests.OfOverlayAsync("production");
        var ports = Assert.Single(manifests.Pods).Named("containers", "smtpproxy").List("ports").Select(static p => p.TextAt("name"))
            .ToHashSet();
        string?[] named =
        [
            .. manifests.One("Service", "smtpproxy").GetProperty("spec").List("ports").Select(static p => p.TextAt("targetPort")),
            .. manifests.One("PodMonitor", "smtpproxy").GetProperty("spec").List("podMetricsEndpoints")
            .Select(static p => p.TextAt("port")),
            .. from rule in manifests.One("NetworkPolicy", "smtpproxy").GetProperty("spec").List("ingress")
               from port in rule.List("ports")
               select port.TextAt("port"),
        ];
        Assert.Equal(4, named.Length);
        Assert.All(named, port => Assert.Contains(port, ports));
    }

    private static Task<Manifests> RenderAsync(string name) =>
        name.StartsWith('+') ? Manifests.WithComponentAsync(name[1..]) : Manifests.OfOverlayAsync(name);

    private static TimeSpan Time(JsonElement limits, string name) =>
        TimeSpan.Parse(limits.TextAt(name)!, CultureInfo.InvariantCulture);

    /// <summary>Settings that are secrets; docs/configuration.md says so of each.</summary>
    [GeneratedRegex("BearerToken|HashKey|Password(?!File)", RegexOptions.IgnoreCase)]
    private static partial Regex SecretSetting();
}
