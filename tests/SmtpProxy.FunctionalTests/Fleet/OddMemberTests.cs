using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Members that are not as they should be: with another key in the same place of Redis, with the name of another one, or all of
/// them changing rules at once.</summary>
[Collection("Fleet")]
public sealed class OddMemberTests
{
    private const string Rule = "{'at':'mail','ttl':'00:10:00','action':{'type':'reply','code':451}}";

    [SkippableFact]
    public async Task Member_WithAnotherKey_IsSaidByAllAndStrikesNobody()
    {
        await using var fleet = await FleetRig.StartAsync("--SmtpProxy:Limits:ClientLimitExempt=192.0.2.1");
        await fleet.ArmAsync(fleet.Proxies[0], Rule);
        Assert.Equal("451 451 451", await Sends.InTurnAsync(fleet, 3));
        var stranger = await fleet.AddAsync("stranger", $"--SmtpProxy:Fleet:KeyFile={Path.Combine(SourceFolder.Root, "LICENSE")}");
        await Task.WhenAll(fleet.Proxies.Select(proxy => fleet.StateAsync(proxy, "degraded")));
        Assert.Equal("1 under smtpproxy:{smtpproxy}: have another key file; give all the same, or this fleet another name or prefix",
            (await fleet.FleetOfAsync(fleet.Proxies[0])).GetProperty("reason").GetString());
        Assert.Equal("250 250 250 250", await Sends.InTurnAsync(fleet, 4));
        Assert.Equal(503, (await fleet.FaultsAsync(stranger, "PUT", "rules/its", Rule)).Status);
        Assert.Equal(503, (await fleet.FaultsAsync(fleet.Proxies[0], "PUT", "rules/ours", Rule)).Status);

        // Limits are counted all the same, and a halt goes round among those that have the key.
        var before = await LimitsAsync(fleet.Proxies[0]);
        await Sends.MailAsync(fleet.Proxies[0]);
        await Eventually.Async(async () => await LimitsAsync(fleet.Proxies[0]) == before + 2, "limits are not counted");
        await fleet.FaultsAsync(fleet.Proxies[0], "POST", "halt");
        await Eventually.Async(async () => (await fleet.FaultsAsync(fleet.Proxies[1], "GET", "status")).Body.GetProperty("halted").ValueKind
            == System.Text.Json.JsonValueKind.Object, "the other is not halted");

        // When it has gone, all is as it was; what it wrote is nothing to them.
        fleet.Proxies.Remove(stranger);
        await stranger.DisposeAsync();
        await fleet.JoinedAsync(3);
        Assert.Equal("250 250 250", await Sends.InTurnAsync(fleet, 3));
        await fleet.FaultsAsync(fleet.Proxies[1], "POST", "resume");
        await Eventually.Async(async () => await Sends.InTurnAsync(fleet, 3) == "451 451 451", "the rule is not armed any more");
    }

    [SkippableFact]
    public async Task Rules_MadeOnAllAtOnce_AreAllThereOrRefused()
    {
        await using var fleet = await FleetRig.StartAsync();

        // Of those that ask for one revision, one at most has it; of the others, nobody's is lost.
        var (_, status) = await fleet.FaultsAsync(fleet.Proxies[0], "GET", "status");
        var revision = status.GetProperty("revision").GetInt64();
        var strict = await Task.WhenAll(Enumerable.Range(0, 6).Select(n =>
            fleet.FaultsAsync(fleet.Proxies[n % 3], "PUT", $"rules/strict-{n}", Rule, $"\"{revision}\"")));
        Assert.All(strict, static s => Assert.Contains(s.Status, (int[])[200, 412, 503]));
        Assert.True(strict.Count(static s => s.Status == 200) <= 1);
        var made = new List<string>([.. strict.Index().Where(static s => s.Item.Status == 200).Select(static s => $"strict-{s.Index}")]);
        var free = await Task.WhenAll(Enumerable.Range(0, 12).Select(n =>
            fleet.FaultsAsync(fleet.Proxies[n % 3], "PUT", $"rules/free-{n}", Rule)));
        Assert.All(free, static s => Assert.Contains(s.Status, (int[])[200, 503]));
        made.AddRange(free.Index().Where(static s => s.Item.Status == 200).Select(static s => $"free-{s.Index}"));
        Assert.NotEmpty(made);
        Assert.Equal(free.Count(static s => s.Status == 200), free.Where(static s => s.Status == 200)
            .Select(static s => s.Body.GetProperty("revision").GetInt64()).Distinct().Count());

        // A 503 may stand for a change whose answer came too late; there is nothing else.
        string[] late = [.. free.Index().Where(static s => s.Item.Status == 503).Select(static s => $"free-{s.Index}"),
            .. strict.Index().Where(static s => s.Item.Status == 503).Select(static s => $"strict-{s.Index}")];
        foreach (var proxy in fleet.Proxies)
        {
            await Eventually.Async(async () => (await fleet.FaultsAsync(proxy, "GET", "rules")).Body.GetProperty("rules").EnumerateObject()
                .Select(static r => r.Name).Except(late).ToHashSet().SetEquals(made.Except(late)), "rules are lost");
        }

        // Two of one name are two.
        var twin = await fleet.AddAsync("node-1");
        await fleet.JoinedAsync(4);
        Assert.Equal(["node-0", "node-1", "node-1", "node-2"], (await fleet.FleetOfAsync(twin)).GetProperty("members").EnumerateArray()
            .Select(static m => m.GetProperty("node").GetString()));
        await fleet.ArmAsync(twin, "{'at':'mail','ttl':'00:10:00','occurrence':{'nth':[4]},'action':{'type':'reply','code':452}}");
    }

    private static async Task<double> LimitsAsync(ProxyProcess proxy) => (await Metrics.ReadAsync(proxy)).Sum(
        "smtpproxy_fleet_requests_total", ("smtpproxy_fleet_use", "limits"), ("smtpproxy_outcome", "ok"));
}
