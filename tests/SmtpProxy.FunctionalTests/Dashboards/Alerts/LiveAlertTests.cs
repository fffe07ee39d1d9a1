using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>
/// Every alert, fired by the product: it does what the alert is about, its <c>/metrics</c> are laid on minutes, hours and days, and
/// Prometheus evaluates the rules as they are shipped, with their own <c>for</c>, over them.
/// </summary>
public sealed class LiveAlertTests
{
    private static readonly string Rules = Path.Combine(SourceFolder.Root, "dashboards", "prometheus");

    [Fact]
    public void Table_InTheRunbooks_IsThatOfTheCases()
    {
        var cases = new AlertCases(new AlertScenes()).All.ToArray();
        Assert.Equal(new ShippedRules(Rules).Alerts.Order(), cases.Select(static c => c.Alert).Order());
        var table = AlertTable.Render(cases);
        Assert.True(File.ReadAllText(Path.Combine(SourceFolder.Root, "docs", "runbooks", "README.md"))
            .Contains(table, StringComparison.Ordinal), $"docs/runbooks/README.md should have\n{table}");
    }

    [SkippableFact]
    public async Task Alert_EachOfThem_FiresOnWhatTheProductTells_AndIsSilentOtherwise()
    {
        var promtool = PeerTool.Require("promtool");
        _ = PeerTool.Require("redis-server");
        var scenes = await AlertScenes.PlayAsync();
        var folder = Directory.CreateTempSubdirectory("smtpproxy-alerts-");
        try
        {
            var files = new PromtoolCases(new ShippedRules(Rules), folder.FullName);
            var cases = new AlertCases(scenes);
            foreach (var it in cases.All)
            {
                files.Add(it, scenes.Healthy);
            }

            files.AddSilence("nights", cases.Nights());
            // A fifth of its time goes to its garbage collector unless that comes more rarely.
            var (code, output) = await Command.RunAsync("env", ["GOGC=400", promtool, "test", "rules", .. files.Files]);
            Assert.True(code == 0, output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
