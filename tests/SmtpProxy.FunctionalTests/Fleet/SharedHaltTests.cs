using System.Diagnostics;
using System.Globalization;
using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>A halt of one proxy is a halt of all, over a real Redis.</summary>
[Collection("Fleet")]
public sealed class SharedHaltTests(ITestOutputHelper output)
{
    private static readonly int Rounds =
        int.Parse(Environment.GetEnvironmentVariable("FLEET_HALT_ROUNDS") ?? "5", CultureInfo.InvariantCulture);

    [SkippableFact]
    public async Task Halt_OnOne_HaltsAllUntilOneIsResumed()
    {
        await using var fleet = await FleetRig.StartAsync();
        var (times, round) = (new List<TimeSpan>(), 0);
        for (; round < Rounds; round++)
        {
            var (one, others) = (fleet.Proxies[round % 3], fleet.Proxies.Where((_, n) => n != round % 3).ToArray());
            var began = Stopwatch.GetTimestamp();
            await fleet.FaultsAsync(one, "POST", "halt", "{'reason':'enough'}");
            await Task.WhenAll(others.Select(other => HaltedAsync(fleet, other, true)));
            times.Add(Stopwatch.GetElapsedTime(began));
            var (_, status) = await fleet.FaultsAsync(others[0], "GET", "status");
            var halted = status.GetProperty("halted");
            Assert.Equal("fleet", halted.GetProperty("by").GetString());
            Assert.StartsWith("enough (api, on node-", halted.GetProperty("reason").GetString(), StringComparison.Ordinal);
            await fleet.FaultsAsync(others[1], "POST", "resume");
            await Task.WhenAll(fleet.Proxies.Select(proxy => HaltedAsync(fleet, proxy, false)));
        }

        times.Sort();
        output.WriteLine($"halt until all are halted, {times.Count} times: p50 {times[times.Count / 2].TotalMilliseconds:F1} ms, "
            + $"max {times[^1].TotalMilliseconds:F1} ms");
    }

    [SkippableFact]
    public async Task Halt_WhateverBecomesOfRedisAndTheProxies_StandsUntilItIsResumed()
    {
        await using var fleet = await FleetRig.StartAsync();
        await fleet.FaultsAsync(fleet.Proxies[0], "POST", "halt", "{'reason':'enough'}");
        await HaltedAsync(fleet, fleet.Proxies[2], true);

        // A restart, then a Redis that has forgotten everything.
        fleet.Proxies[0].Signal(9);
        await fleet.Proxies[0].ExitAsync();
        fleet.Proxies.RemoveAt(0);
        var again = await fleet.AddAsync("node-again");
        await HaltedAsync(fleet, again, true);
        await fleet.Redis.AskAsync("FLUSHALL");
        var late = await fleet.AddAsync("node-late");
        await fleet.JoinedAsync(4);
        await HaltedAsync(fleet, late, true);

        // Without Redis it is halted and resumed all the same, and who hears of it later follows.
        await fleet.Redis.KillAsync();
        await fleet.StateAsync(late, "degraded");
        await fleet.FaultsAsync(late, "POST", "resume");
        Assert.False(await IsHaltedAsync(fleet, late));
        Assert.True(await IsHaltedAsync(fleet, again));
        await fleet.Redis.StartAgainAsync();
        foreach (var proxy in fleet.Proxies)
        {
            await HaltedAsync(fleet, proxy, false);
        }

        // Full: nothing can be kept, and the halt still goes round.
        await fleet.JoinedAsync(4);
        await fleet.Redis.AskAsync("CONFIG", "SET", "maxmemory", "1");
        await fleet.StateAsync(late, "degraded");
        Assert.Contains("full", (await fleet.FleetOfAsync(late)).GetProperty("reason").GetString(), StringComparison.Ordinal);
        await fleet.FaultsAsync(late, "POST", "halt");
        await HaltedAsync(fleet, again, true);
    }

    /// <summary>Asks without a pause: what is measured is how soon.</summary>
    private static async Task HaltedAsync(FleetRig fleet, ProxyProcess proxy, bool halted)
    {
        var began = Stopwatch.GetTimestamp();
        while (await IsHaltedAsync(fleet, proxy) != halted)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < ProxyProcess.Patience, $"halted is not {halted}:\n{proxy.Errors.Text}");
        }
    }

    private static async Task<bool> IsHaltedAsync(FleetRig fleet, ProxyProcess proxy) =>
        (await fleet.FaultsAsync(proxy, "GET", "status")).Body.GetProperty("halted").ValueKind == System.Text.Json.JsonValueKind.Object;
}
