using System.Text.Json;
using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Page;

/// <summary>The page in Chromium while somebody acts on it and while things are not as they should be; what is done and looked for stands
/// in <c>states.cjs</c>. One of two relays is dead, and the numbers are held against the journal.</summary>
public sealed class PageStatesTests
{
    private const string Cluster = "--ReverseProxy:Clusters:relays";

    [SkippableFact]
    public async Task Page_IsActedOn_AndMetWithTheWorst_AndItsNumbersAreTheJournals()
    {
        var (node, chromium) = (PeerTool.Require("node"), PeerTool.Require("chromium"));
        var modules = PeerTool.RequireUnpacked("browser/node_modules");
        var pictures = Path.Combine(SourceFolder.Root, "artifacts", "screenshots");
        Directory.CreateDirectory(pictures);
        await using var good = await ProxyProcess.StartAsync();
        await using var proxy = await ProxyProcess.StartAsync(
            "--faults", "--relay", $"smtp://127.0.0.1:{FreePort.Next()}", "--relay", $"smtp://{good.Listener()}",
            $"{Cluster}:LoadBalancingPolicy=FirstAlphabetical", $"{Cluster}:HealthCheck:Passive:ReactivationPeriod=01:00:00");
        for (var n = 0; n < 6; n++)
        {
            await LiveProxy.TalkAsync(
                proxy, "EHLO app.test.example", "MAIL FROM:<me@test.example>", $"RCPT TO:<{(n < 2 ? "550" : "you")}@test.example>",
                n < 2 ? "RSET" : "DATA", n < 2 ? "NOOP" : "Subject: x\r\n\r\nhi\r\n.", "QUIT");
        }

        var journal = await proxy.JournalAsync(6);
        int Outcomes(string verdict) => journal.Sum(line => line.GetProperty("transactions").EnumerateArray()
            .Count(t => t.GetProperty("verdict").GetString() == verdict));
        var facts = JsonSerializer.Serialize(
            new { sessions = journal.Length, accepted = Outcomes("accepted"), refused = Outcomes("permfail") });
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        await Eventually.Async(
            async () => JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/sessions?live=false", UriKind.Relative)))
                .GetProperty("sessions").GetArrayLength() == journal.Length,
            "the sessions are not kept");
        var script = Path.Combine(AppContext.BaseDirectory, "Page", "states.cjs");
        await Command.SucceedAsync(node, [script, modules, chromium, proxy.Admin.ToString().TrimEnd('/'), pictures, facts]);
    }
}
