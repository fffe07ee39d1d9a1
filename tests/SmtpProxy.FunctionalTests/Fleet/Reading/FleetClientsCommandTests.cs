using System.Text.Json;
using SmtpProxy.FunctionalTests.Admin;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet.Reading;

/// <summary><c>smtpproxy clients --fleet</c>: each client once, with the proxies that know it; and who is not in the list is
/// said.</summary>
[Collection("Fleet")]
public sealed class FleetClientsCommandTests
{
    [SkippableFact]
    public async Task Clients_OfAFleet_AreListedOnceWithTheirProxies_AndWhoIsNotShownIsSaid()
    {
        await using var fleet = await FleetRig.StartReadingAsync(2);
        await fleet.AddAsync("silent", fleet.Token());
        await fleet.JoinedAsync(3);
        var proxy = await fleet.OfAsync("node-0");
        foreach (var one in new[] { proxy, await fleet.OfAsync("node-1") })
        {
            await LiveProxy.TalkAsync(one, "EHLO =app.test.example", "EHLO app.test.example", "QUIT");
        }

        await Eventually.Async(async () => (await fleet.GetAsync(proxy, "/api/v1/fleet/sessions?live=false")).GetProperty("sessions")
            .GetArrayLength() == 2, "the sessions are not kept");
        var table = await RunAsync(proxy);
        Assert.Matches(@"^  127\.0\.0\.1 +app\.test\.example +2 sessions .* at node-0 node-1$", table.Split('\n')[0]);
        Assert.Contains("without clear", table, StringComparison.Ordinal);
        var json = JsonElement.Parse(await RunAsync(proxy, "--json"));
        Assert.Equal(2, Assert.Single(json.GetProperty("clients").EnumerateArray()).GetProperty("nodes").GetArrayLength());
        var lines = (await RunAsync(proxy, "--csv", "--sort", "sessions")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith(",name,nodes", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(",node-0 node-1", lines[1], StringComparison.Ordinal);

        var (code, _, errors) = await ProxyProcess.RunAsync("clients", "--fleet", "--by", "street", "--admin", proxy.Admin.ToString());
        Assert.Equal(1, code);
        Assert.Contains("by: it is neither", errors, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(ProxyProcess proxy, params string[] more)
    {
        var (code, output, errors) = await ProxyProcess.RunAsync(["clients", "--fleet", "--admin", proxy.Admin.ToString(), .. more]);
        Assert.True(code == 0, errors);
        Assert.Contains("smtpproxy: not shown: silent (not_published): ", errors, StringComparison.Ordinal);
        return output;
    }
}
