using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Rules and presets that are started on one proxy are armed on all, over a real Redis.</summary>
[Collection("Fleet")]
public sealed class SharedRulesTests
{
    private const string Rule = "{'at':'mail','ttl':'00:10:00','action':{'type':'reply','code':451}}";

    [SkippableFact]
    public async Task Rules_MadeAndRemovedOnOne_AreSoOnAll()
    {
        await using var fleet = await FleetRig.StartAsync();
        var (status, made) = await fleet.FaultsAsync(fleet.Proxies[0], "PUT", "rules/busy", Rule);
        Assert.Equal(200, status);
        var revision = made.GetProperty("revision").GetInt64();
        await fleet.RevisionAsync(revision);
        foreach (var proxy in fleet.Proxies)
        {
            Assert.StartsWith("451", await MailAsync(proxy), StringComparison.Ordinal);
        }

        // A stale revision is stale everywhere, and a rule that cannot work is refused before anybody has it.
        Assert.Equal(422, (await fleet.FaultsAsync(fleet.Proxies[1], "PUT", "rules/odd", "{'at':'mail'}")).Status);
        var late = await fleet.AddAsync("late");
        await fleet.JoinedAsync(4);
        await fleet.RevisionAsync(revision);
        Assert.StartsWith("451", await MailAsync(late), StringComparison.Ordinal);
        Assert.Equal(200, (await fleet.FaultsAsync(fleet.Proxies[2], "DELETE", "rules/busy")).Status);
        await fleet.RevisionAsync(revision + 1);
        Assert.StartsWith("250", await MailAsync(fleet.Proxies[0]), StringComparison.Ordinal);

        var (_, started) = await fleet.FaultsAsync(fleet.Proxies[1], "POST", "scenarios/queue-full/start", "{'ttl':'00:10:00'}");
        await fleet.RevisionAsync(started.GetProperty("revision").GetInt64());
        var run = started.GetProperty("runId").GetString();
        Assert.Equal(200, (await fleet.FaultsAsync(fleet.Proxies[2], "DELETE", $"scenarios/{run}")).Status);
        Assert.Equal(404, (await fleet.FaultsAsync(fleet.Proxies[0], "DELETE", $"scenarios/{run}")).Status);
        await fleet.RevisionAsync(revision + 3);
        Assert.Empty((await fleet.FaultsAsync(fleet.Proxies[0], "GET", "rules")).Body.GetProperty("rules").EnumerateObject());
    }

    [SkippableFact]
    public async Task Rules_WhereTheFleetIsNotHeardOrFaultsAreNotEnabled_DoNotStrike()
    {
        await using var fleet = await FleetRig.StartAsync();
        var production = await fleet.AddAsync("production", "--SmtpProxy:Faults:Enabled=false");
        await fleet.JoinedAsync(4);
        var (proxy, other) = (fleet.Proxies[0], fleet.Proxies[1]);
        var revision = (await fleet.FaultsAsync(proxy, "PUT", "rules/busy", Rule)).Body.GetProperty("revision").GetInt64();
        await fleet.RevisionAsync(revision, but: production);
        Assert.StartsWith("250", await MailAsync(production), StringComparison.Ordinal);
        Assert.Equal(409, (await fleet.FaultsAsync(production, "PUT", "rules/other", Rule)).Status);
        Assert.StartsWith("451", await MailAsync(proxy), StringComparison.Ordinal);

        // In mid-flight: a session that is open hears of nothing.
        using var open = new Talk(proxy);
        await open.GreetingAsync();
        fleet.Redis.Stall();
        await fleet.StateAsync(proxy, "degraded");
        Assert.StartsWith("250", await open.AskAsync("MAIL FROM:<a@example.org>"), StringComparison.Ordinal);
        Assert.Equal(503, (await fleet.FaultsAsync(proxy, "PUT", "rules/other", Rule)).Status);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.NotEqual(0, metrics.Sum("smtpproxy_faults_skipped_total", ("smtpproxy_fault_reason", "fleet")));
        fleet.Redis.GoOn();
        await fleet.Redis.KillAsync();
        await fleet.StateAsync(other, "degraded");

        // An empty Redis in its place is told again.
        await fleet.Redis.StartAgainAsync();
        await fleet.JoinedAsync(4);
        await fleet.RevisionAsync(revision, but: production);
        Assert.StartsWith("451", await MailAsync(proxy), StringComparison.Ordinal);
        Assert.StartsWith("250", await open.AskAsync("RSET"), StringComparison.Ordinal);
        Assert.StartsWith("451", await open.AskAsync("MAIL FROM:<a@example.org>"), StringComparison.Ordinal);
    }

    private static async Task<string> MailAsync(ProxyProcess proxy)
    {
        using var talk = new Talk(proxy);
        await talk.GreetingAsync();
        await talk.AskAsync("EHLO client.example");
        return await talk.AskAsync("MAIL FROM:<a@example.org>");
    }
}
