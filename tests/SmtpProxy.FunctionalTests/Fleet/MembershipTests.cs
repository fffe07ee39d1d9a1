using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>Who is in the fleet, over a real Redis with three real proxies.</summary>
[Collection("Fleet")]
public sealed class MembershipTests
{
    [SkippableFact]
    public async Task Members_OfThree_AreKnownToEachAndForgottenWhenTheyAreGone()
    {
        await using var fleet = await FleetRig.StartAsync();
        var seen = await fleet.FleetOfAsync(fleet.Proxies[0]);
        Assert.Equal(["node-0", "node-1", "node-2"], seen.GetProperty("members").EnumerateArray()
            .Select(static m => m.GetProperty("node").GetString()));
        Assert.Single(seen.GetProperty("members").EnumerateArray(), static m => m.GetProperty("self").GetBoolean());
        Assert.Equal(1, seen.GetProperty("configurations").GetInt32());

        // One with another configuration: drift.
        var odd = await fleet.AddAsync("node-3", "--SmtpProxy:Limits:MaxSessions=77");
        await fleet.JoinedAsync(4);
        seen = await fleet.FleetOfAsync(fleet.Proxies[0]);
        Assert.Equal(2, seen.GetProperty("configurations").GetInt32());
        Assert.Equal(77, Member(seen, "node-3").GetProperty("maxSessions").GetInt32());

        // Who is asked to stop is gone at once; who was killed, when it was not heard of for five seconds.
        fleet.Proxies[0].Terminate();
        odd.Signal(9);
        await fleet.Proxies[0].ExitAsync();
        await odd.ExitAsync();
        fleet.Proxies.RemoveAll(p => p == odd);
        var gone = fleet.Proxies[0];
        fleet.Proxies.Remove(gone);
        await gone.DisposeAsync();
        await odd.DisposeAsync();
        await fleet.JoinedAsync(2);
        var metrics = await Metrics.ReadAsync(fleet.Proxies[0]);
        Assert.Equal(2, metrics.Sum("smtpproxy_fleet_members"));
        Assert.Equal(1, metrics.Sum("smtpproxy_fleet_joined"));
    }

    [SkippableFact]
    public async Task Redis_StalledKilledAndRevived_IsSaidAndDisturbsNobody()
    {
        await using var fleet = await FleetRig.StartAsync();
        var proxy = fleet.Proxies[0];
        var (before, _) = await TalkAsync(proxy);
        fleet.Redis.Stall();
        await fleet.StateAsync(proxy, "degraded");
        Assert.Contains("did not answer within 1000 ms", (await fleet.FleetOfAsync(proxy)).GetProperty("reason").GetString(),
            StringComparison.Ordinal);
        Assert.Equal("250 ok", await before("NOOP"));
        var (during, greeting) = await TalkAsync(proxy);
        Assert.Equal("220 relay", greeting);
        fleet.Redis.GoOn();
        await fleet.JoinedAsync(3);

        await fleet.Redis.KillAsync();
        await fleet.StateAsync(proxy, "degraded");
        Assert.Equal("250 ok", await before("NOOP"));
        Assert.Equal("250 ok", await during("NOOP"));
        using var ready = await fleet.Http.GetAsync(new Uri(proxy.Admin, "/readyz"));
        Assert.True(ready.IsSuccessStatusCode);
        await fleet.Redis.StartAgainAsync();
        await fleet.JoinedAsync(3);
        Assert.Equal("221 bye", await before("QUIT"));
        Assert.Equal("221 bye", await during("QUIT"));
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.NotEqual(0, metrics.Sum("smtpproxy_fleet_requests_total", ("smtpproxy_outcome", "timeout")));
        Assert.NotEqual(0, metrics.Sum("smtpproxy_fleet_requests_total", ("smtpproxy_outcome", "unreachable")));
        Assert.Equal(2, proxy.Errors.SoFar.Count(static line => line.Contains("Without the fleet: ", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task WhatLiesInRedis_IsReadByNobodyElse_AndGoesByItself()
    {
        await using var fleet = await FleetRig.StartAsync();
        var said = await fleet.Redis.AskAsync("HGETALL", "smtpproxy:{smtpproxy}:members");
        Assert.DoesNotContain("node-1", said, StringComparison.Ordinal);
        var keys = (await fleet.Redis.AskAsync("KEYS", "*")).Split("\r\n").Where(static k => k.Contains(':', StringComparison.Ordinal));
        foreach (var key in keys)
        {
            Assert.StartsWith("smtpproxy:{smtpproxy}:", key, StringComparison.Ordinal);
            Assert.DoesNotContain(":-1", await fleet.Redis.AskAsync("TTL", key), StringComparison.Ordinal);
        }

        // What others write is not believed.
        await fleet.Redis.AskAsync("HSET", "smtpproxy:{smtpproxy}:members", "x", "{}");
        await fleet.Redis.AskAsync("ZADD", "smtpproxy:{smtpproxy}:seen", "9999999999999", "x");
        await fleet.JoinedAsync(3);

        // What cannot be read ends nobody, and is told.
        await fleet.Redis.AskAsync("SET", "smtpproxy:{smtpproxy}:halt", "no halt");
        await fleet.StateAsync(fleet.Proxies[0], "degraded");
        await fleet.Redis.AskAsync("DEL", "smtpproxy:{smtpproxy}:halt");
        await fleet.JoinedAsync(3);
    }

    private static JsonElement Member(JsonElement fleet, string node) =>
        fleet.GetProperty("members").EnumerateArray().Single(m => m.GetProperty("node").GetString() == node);

    private static async Task<(Func<string, Task<string>> Ask, string Greeting)> TalkAsync(ProxyProcess proxy)
    {
        var client = new Talk(proxy);
        return (client.AskAsync, await client.GreetingAsync());
    }
}
