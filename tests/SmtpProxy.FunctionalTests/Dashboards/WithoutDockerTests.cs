using System.Diagnostics;
using System.Runtime.CompilerServices;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>The way to see it without Docker, as <c>dashboards/README.md</c> prints it; only the ports are others.</summary>
public sealed class WithoutDockerTests
{
    [SkippableFact]
    public async Task Commands_AsPrinted_StartAPrometheusWithTheRulesThatKnowsTheProxy()
    {
        PeerTool.Require("prometheus");
        var (proxy, web) = (FreePort.Next(), FreePort.Next());
        var folder = Directory.CreateTempSubdirectory("smtpproxy-observed-");
        var source = new DirectoryInfo(Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "dashboards", "prometheus")));
        var target = folder.CreateSubdirectory(Path.Combine("dashboards", "prometheus"));
        foreach (var file in source.GetFiles())
        {
            file.CopyTo(Path.Combine(target.FullName, file.Name));
        }

        var commands = Pages.Snippets.Single(static s => s.RunBy == nameof(WithoutDockerTests)).Text
            .Replace("127.0.0.1:9025", $"127.0.0.1:{proxy}", StringComparison.Ordinal)
            .Replace("127.0.0.1:9090", $"127.0.0.1:{web}", StringComparison.Ordinal);
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-ec", commands]) { WorkingDirectory = folder.FullName })!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{web}") };
            await Eventually.Async(async () => (await AskAsync(http, "/api/v1/targets"))
                .Contains($"127.0.0.1:{proxy}", StringComparison.Ordinal), "Prometheus does not know the proxy");
            var rules = await AskAsync(http, "/api/v1/rules");
            Assert.Contains("smtpproxy:transactions:rate5m", rules, StringComparison.Ordinal);
            Assert.Contains("RelayDown", rules, StringComparison.Ordinal);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
            await shell.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> AskAsync(HttpClient http, string path)
    {
        try
        {
            return await http.GetStringAsync(new Uri(path, UriKind.Relative));
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
