using System.Globalization;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>A Redis into which somebody writes who has not the fleet's key. He can keep faults from striking, and no more: mail goes on,
/// nothing is armed or halted by him, and what the fleet knows stands again.</summary>
[Collection("Fleet")]
public sealed class PoisonedRedisTests
{
    private const string Begin = "smtpproxy:{smtpproxy}:";
    private const string Rule = "{'at':'mail','ttl':'00:10:00','occurrence':{'first':90},'action':{'type':'reply','code':451}}";

    /// <summary>Numbers that are none, are not to be counted, or are beyond everything; and a text that nobody has sealed, also of more
    /// octets than the fleet ever writes. -1: the text stays.</summary>
    public static TheoryData<string, int> Words => new()
        { { "garbage", 5 }, { "nan", 64 }, { "-1", 0 }, { "999999999999999999", 64 }, { new string('9', 400), 8 * 1024 * 1024 },
            { "999999999999999999", 8 * 1024 * 1024 }, { "999999999999999998", -1 } };

    [SkippableTheory]
    [MemberData(nameof(Words))]
    public async Task HaltAndRules_WrittenOver_AreWrittenAgainByThoseWhoKnowThem(string version, int octets)
    {
        await using var fleet = await FleetRig.StartAsync();
        await fleet.ArmAsync(fleet.Proxies[0], Rule);
        Assert.Equal(200, (await fleet.FaultsAsync(fleet.Proxies[0], "POST", "halt", "{'reason':'enough'}")).Status);
        await HaltedAsync(fleet, fleet.Proxies[2]);
        foreach (var what in new[] { "halt", "rules" })
        {
            await fleet.Redis.AskAsync(["HSET", Begin + what, "v", version,
                .. octets < 0 ? Array.Empty<string>() : ["d", new string('\u00ff', octets)]]);
        }

        // Who comes now is halted, and has the rule: both were written again before, or will be.
        var late = await fleet.AddAsync("late");
        await HaltedAsync(fleet, late);
        await fleet.FaultsAsync(late, "POST", "resume");
        await fleet.JoinedAsync(4);
        await Eventually.Async(async () => await Sends.MailAsync(late) == "451", "the rule is not armed");
        await fleet.ArmAsync(late, Rule);
        Assert.Equal("451 451 451 451", await Sends.InTurnAsync(fleet, 4));
    }

    [SkippableFact]
    public async Task Rules_ThatSomebodyElseHasWrittenFirst_AreMadeAllTheSame()
    {
        await using var fleet = await FleetRig.StartAsync();
        await fleet.Redis.AskAsync("HSET", Begin + "rules", "v", "999999999999999999", "d", new string('x', 64));
        await fleet.ArmAsync(fleet.Proxies[0], Rule);
        Assert.Equal("451 451 451", await Sends.InTurnAsync(fleet, 3));
    }

    [SkippableTheory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Keys_OfAnotherKind_AreSaidAndHoldUpNobody(string transport)
    {
        await using var fleet = await FleetRig.StartAsync($"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Limits:ClientLimitExempt=192.0.2.1", "--SmtpProxy:Limits:MaxSessionsPerClient=50");
        await fleet.ArmAsync(fleet.Proxies[0], Rule);
        Assert.Equal("451 451 451", await Sends.InTurnAsync(fleet, 3));
        foreach (var key in (await fleet.Redis.AskAsync("KEYS", $"{Begin}*")).Split("\r\n").Where(static line =>
            line.StartsWith(Begin, StringComparison.Ordinal)))
        {
            await fleet.Redis.AskAsync("DEL", key);
            await fleet.Redis.AskAsync("LPUSH", key, new string('x', 100));
            Assert.All((await Sends.InTurnAsync(fleet, 3)).Split(' '), static code => Assert.Contains(code, (string[])["250", "451"]));
        }

        await fleet.StateAsync(fleet.Proxies[0], "degraded");
        Assert.Contains("WRONGTYPE", (await fleet.FleetOfAsync(fleet.Proxies[0])).GetProperty("reason").GetString(),
            StringComparison.Ordinal);
        Assert.Equal("250 250 250", await Sends.InTurnAsync(fleet, 3));
        Assert.Equal(503, (await fleet.FaultsAsync(fleet.Proxies[0], "PUT", "rules/x", Rule)).Status);

        // Once they are taken away all is as after an emptied Redis.
        await fleet.Redis.AskAsync("FLUSHALL");
        await fleet.JoinedAsync(3);
        await fleet.ArmAsync(fleet.Proxies[0], Rule);
        Assert.Equal("451 451 451", await Sends.InTurnAsync(fleet, 3));
    }

    [SkippableFact]
    public async Task Members_ThatNobodySealed_AreNotThereHoweverManyAndLarge()
    {
        await using var fleet = await FleetRig.StartAsync();
        await fleet.ArmAsync(fleet.Proxies[0], Rule);
        using var enough = new CancellationTokenSource();
        var (huge, none) = (new string('x', 4 * 1024 * 1024), new string('0', 31));
        var writing = Task.Run(async () =>
        {
            for (var n = 0; !enough.IsCancellationRequested; n++)
            {
                var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
                var id = $"{none}{n % 10}";
                await fleet.Redis.AskAsync("ZADD", $"{Begin}seen", now, id, now, $"{huge}{n % 3}", now, "short");
                await fleet.Redis.AskAsync("HSET", $"{Begin}members", id, huge, "short", "");
                await fleet.Redis.AskAsync("PUBLISH", $"{Begin}look", n % 2 == 0 ? "" : new string('x', 100));
            }
        });
        for (var n = 0; n < 10; n++)
        {
            Assert.All((await Sends.InTurnAsync(fleet, 3)).Split(' '), static code => Assert.Contains(code, (string[])["250", "451"]));
        }

        await enough.CancelAsync();
        await writing;
        await fleet.JoinedAsync(3);
        Assert.Equal("451 451 451", await Sends.InTurnAsync(fleet, 3));
    }

    private static Task HaltedAsync(FleetRig fleet, ProxyProcess proxy) => Eventually.Async(async () =>
        (await fleet.FaultsAsync(proxy, "GET", "status")).Body.GetProperty("halted").ValueKind == JsonValueKind.Object,
        $"it is not halted:\n{proxy.Errors.Text}");
}
