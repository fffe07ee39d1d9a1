using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>
/// The compose file on a machine without a container engine: <c>compose_without_engine.py</c> starts the services whose programs Debian
/// has, each in namespaces of its own, and looks whether mail, page, scrapes and alerts find their way.
/// </summary>
public sealed class ComposeTests
{
    /// <summary>Debian's Python, as that has what reads YAML.</summary>
    private const string Python = "/usr/bin/python3";

    private static readonly string[] Programs =
        ["docker-compose", "prometheus", "prometheus-alertmanager", "caddy", "wget", "unshare", "nsenter", "ip"];

    [SkippableFact]
    public async Task Services_StartedAsTheFileSays_FindEachOtherAndAnAlertReachesAlertmanager()
    {
        PeerTool.RequireRoot();
        foreach (var program in Programs)
        {
            PeerTool.Require(program);
        }

        var (permitted, reason) = await Command.RunAsync("unshare", ["--mount", "--net", "--pid", "--fork", "--mount-proc", "true"]);
        Skip.If(permitted != 0, $"namespaces cannot be made here: {reason}");
        var folder = Directory.CreateTempSubdirectory("smtpproxy-compose-");
        try
        {
            var dashboards = CopyOfDashboards(folder.FullName);
            var output = await Command.SucceedAsync("unshare",
            [
                "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", Python,
                Path.Combine(SourceFolder.Root, "tests", "SmtpProxy.FunctionalTests", "Dashboards", "compose_without_engine.py"),
                Path.Combine(dashboards, "compose.yaml"), Path.Combine(AppContext.BaseDirectory, "SmtpProxy.dll"),
                Path.Combine(SourceFolder.Root, "Dockerfile"),
            ]);
            Assert.Contains("an alert of the proxy's reaches Alertmanager: ['DuplicateRisk", output, StringComparison.Ordinal);
            Assert.Contains("not run, as there is no program: grafana, loki, tempo", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The files that are mounted, with Prometheus looking every second: a minute less to wait for the alert.</summary>
    private static string CopyOfDashboards(string folder)
    {
        var source = Path.Combine(SourceFolder.Root, "dashboards");
        var target = Path.Combine(folder, "dashboards");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var settings = Path.Combine(target, "prometheus", "prometheus.yml");
        var faster = File.ReadAllText(settings).Replace("_interval: 15s", "_interval: 1s", StringComparison.Ordinal);
        File.WriteAllText(settings, faster);
        if (!OperatingSystem.IsWindows())
        {
            // Users of images are not the one who made the copy.
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        return target;
    }
}
