using System.Diagnostics;
using System.Globalization;
using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>What becomes of a fleet whose Redis is slow, full, replaced by its replica, cuts connections, or gets another password: mail
/// goes on, and what is counted stays exact.</summary>
[Collection("Fleet")]
public sealed class RedisTroubleTests(ITestOutputHelper output)
{
    private const string Struck = "'action':{'type':'reply','code':451}";

    [SkippableFact]
    public async Task Redis_WhoseReplicaTakesItsPlace_IsFollowedWithAllThatWasCounted()
    {
        var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1",
            primary.Port.ToString(CultureInfo.InvariantCulture));
        await using var fleet = await FleetRig.StartAsync(primary, $"--SmtpProxy:Fleet:Redis={primary.Address},{replica.Address}");
        await fleet.ArmAsync(fleet.Proxies[0], $"{{'at':'mail','ttl':'00:10:00','occurrence':{{'nth':[2,4]}},{Struck}}}");
        Assert.Equal("250 451 250", await Sends.InTurnAsync(fleet, 3));
        await Eventually.Async(async () => (await primary.AskAsync("WAIT", "1", "1000")).StartsWith(":1", StringComparison.Ordinal),
            "the replica does not follow");

        await primary.KillAsync();
        await fleet.StateAsync(fleet.Proxies[0], "degraded");
        Assert.Equal("250 250 250", await Sends.InTurnAsync(fleet, 3));
        await replica.AskAsync("REPLICAOF", "NO", "ONE");
        var began = Stopwatch.GetTimestamp();
        await fleet.JoinedAsync(3);
        output.WriteLine($"joined {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s after the replica was promoted");
        Assert.Equal("451 250 250", await Sends.InTurnAsync(fleet, 3));

        // The old one comes back as a replica: nobody turns to it.
        await primary.StartAgainAsync();
        await primary.AskAsync("REPLICAOF", "127.0.0.1", replica.Port.ToString(CultureInfo.InvariantCulture));
        await fleet.JoinedAsync(3);
        Assert.Equal("250 250 250", await Sends.InTurnAsync(fleet, 3));
    }

    [SkippableFact]
    public async Task Redis_ThatCutsConnections_CountsEachOccasionOnce()
    {
        await using var fleet = await FleetRig.StartAsync();
        await fleet.ArmAsync(fleet.Proxies[0], $"{{'at':'mail','ttl':'00:10:00','occurrence':{{'nth':[3,4,7]}},{Struck}}}");
        var codes = new List<string>();
        for (var n = 0; n < 8; n++)
        {
            codes.Add(await Sends.MailAsync(fleet.Proxies[n % 3]));
            await fleet.Redis.AskAsync("CLIENT", "KILL", "TYPE", "normal");
            foreach (var proxy in fleet.Proxies)
            {
                // It has heard of it when it has joined with another connection, and says so by being asked once more.
                await Eventually.Async(async () => await IsHeardAsync(fleet, proxy), "the fleet is not heard again");
            }
        }

        Assert.Equal("250 250 451 451 250 250 451 250", string.Join(' ', codes));
    }

    [SkippableFact]
    public async Task Redis_ThatIsFullOrSlow_CountsNothingTwiceAndHoldsUpNobody()
    {
        await using var fleet = await FleetRig.StartAsync(await RedisServer.StartAsync("--enable-debug-command", "yes"));
        await fleet.ArmAsync(fleet.Proxies[0], $"{{'at':'mail','ttl':'00:10:00','occurrence':{{'first':9}},{Struck}}}");
        Assert.Equal("451 451 451", await Sends.InTurnAsync(fleet, 3));

        await fleet.Redis.AskAsync("CONFIG", "SET", "maxmemory", "1");
        await fleet.StateAsync(fleet.Proxies[0], "degraded");
        Assert.Equal("250 250 250", await Sends.InTurnAsync(fleet, 3));
        Assert.Equal(503, (await fleet.FaultsAsync(fleet.Proxies[0], "PUT", "rules/x", "{'at':'mail','ttl':'00:10:00'," + Struck + "}"))
            .Status);
        await fleet.Redis.AskAsync("CONFIG", "SET", "maxmemory", "0");
        await fleet.JoinedAsync(3);
        Assert.Equal("451 451 451", await Sends.InTurnAsync(fleet, 3));

        // Slow: for a tenth of a second at a time it does nothing.
        using var enough = new CancellationTokenSource();
        var slow = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await fleet.Redis.AskAsync("DEBUG", "SLEEP", "0.1");
            }
        });
        var struck = await Sends.AtOnceAsync(fleet, 30);
        await enough.CancelAsync();
        await slow;
        output.WriteLine($"{struck} of 3 were struck by a slow Redis");
        await fleet.JoinedAsync(3);
        Assert.InRange(struck + await Sends.AtOnceAsync(fleet, 12), 0, 3);
        var metrics = await Metrics.ReadAsync(fleet.Proxies[0]);
        Assert.NotEqual(0, metrics.Sum("smtpproxy_fleet_requests_total", ("smtpproxy_outcome", "full")));
    }

    [SkippableFact]
    public async Task Password_ChangedWhileTheProxiesRun_IsReadFromItsFileAgain()
    {
        var redis = await RedisServer.StartAsync();
        await redis.AskAsync("CONFIG", "SET", "requirepass", "of-the-test");
        redis.Password = "of-the-test";
        await redis.AskAsync("ACL", "SETUSER", "proxy", "on", ">first", "allkeys", "allchannels", "allcommands");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "first\n");
            await using var fleet = await FleetRig.StartAsync(redis, "--SmtpProxy:Fleet:User=proxy",
                $"--SmtpProxy:Fleet:PasswordFile={file}");
            await redis.AskAsync("ACL", "SETUSER", "proxy", "resetpass", ">second");
            await redis.AskAsync("CLIENT", "KILL", "USER", "proxy");
            await fleet.StateAsync(fleet.Proxies[0], "degraded");
            Assert.Contains("does not take the user or the password", (await fleet.FleetOfAsync(fleet.Proxies[0])).GetProperty("reason")
                .GetString(), StringComparison.Ordinal);
            Assert.Equal("250 250 250", await Sends.InTurnAsync(fleet, 3));
            await File.WriteAllTextAsync(file, "second\n");
            await fleet.JoinedAsync(3);
            Assert.DoesNotContain("second", fleet.Proxies[0].Errors.Text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A rule that does not exist cannot be removed, which the fleet has to be asked for.</summary>
    private static async Task<bool> IsHeardAsync(FleetRig fleet, ProxyProcess proxy) =>
        (await fleet.FaultsAsync(proxy, "DELETE", "rules/none")).Status == 404
        && (await fleet.FleetOfAsync(proxy)).GetProperty("state").GetString() == "joined";
}
