using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>What a rule counts it counts once for three real proxies, over a real Redis, on both transports.</summary>
[Collection("Fleet")]
public sealed class SharedBudgetTests
{
    /// <summary>Each place at which a question may have to wait: before the dial, at a command, at the end of data, at a reply.</summary>
    private static readonly (string At, string Action)[] Places =
    [
        ("greeting", "'type':'reply','code':421"),
        ("mail", "'type':'reply','code':451"),
        ("endOfData", "'type':'rejectMessage','code':451"),
        ("rcpt", "'type':'malformReply','kind':'noSeparator'"),
    ];

    [SkippableTheory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task FirstFive_OverThreeProxies_AreExactlyFiveWhereverARuleStrikes(string transport)
    {
        await using var fleet = await FleetRig.StartAsync($"--SmtpProxy:Transport={transport}");
        foreach (var (at, action) in Places)
        {
            var rule = $"{{'at':'{at}','ttl':'00:10:00','occurrence':{{'first':5}},'action':{{{action}}}}}";
            var struck = await fleet.AnsweredAsync(async () =>
            {
                await fleet.ArmAsync(fleet.Proxies[0], rule);
                var (before, unanswered) = (await InjectedAsync(fleet), await fleet.UnansweredAsync());

                // Thirty clients at once, ten at each.
                await Task.WhenAll(Enumerable.Range(0, 30).Select(n => SendAsync(fleet.Proxies[n % 3])));
                await Eventually.Async(async () => await InjectedAsync(fleet) >= before + 5 || await fleet.UnansweredAsync() > unanswered,
                    $"{at} was struck fewer than five times");
                await Task.WhenAll(Enumerable.Range(0, 6).Select(n => SendAsync(fleet.Proxies[n % 3])));
                return await InjectedAsync(fleet) - before;
            });
            Assert.True(struck == 5, $"{at} was struck {struck} times");
        }

        // The budget, and the occasion that is asked for.
        Assert.Equal(7, await fleet.AnsweredAsync(async () =>
        {
            await fleet.ArmAsync(fleet.Proxies[1],
                "{'at':'mail','ttl':'00:10:00','budget':{'maxInjections':7},'action':{'type':'reply','code':451}}");
            var before = await InjectedAsync(fleet);
            await Task.WhenAll(Enumerable.Range(0, 30).Select(n => SendAsync(fleet.Proxies[n % 3])));
            return await InjectedAsync(fleet) - before;
        }));
        Assert.Equal(["250", "250", "451", "250", "451", "250"], await fleet.AnsweredAsync(async () =>
        {
            await fleet.ArmAsync(fleet.Proxies[2],
                "{'at':'mail','ttl':'00:10:00','occurrence':{'nth':[3,5]},'action':{'type':'reply','code':451}}");
            return await OneByOneAsync(fleet, 6);
        }));
    }

    [SkippableFact]
    public async Task MaxPerMinuteAndGreylist_OverThreeProxies_AreCountedOnce()
    {
        await using var fleet = await FleetRig.StartAsync();
        var heard = await fleet.AnsweredAsync(async () =>
        {
            await fleet.ArmAsync(fleet.Proxies[0],
                "{'at':'mail','ttl':'00:10:00','budget':{'maxPerMinute':4},'action':{'type':'reply','code':451}}");
            return await OneByOneAsync(fleet, 9);
        });
        Assert.Equal(4, heard.Count(static code => code == "451"));

        // Refused at one, retried at the others: the third attempt passes, wherever it comes.
        Assert.Equal(["450", "450", "250", "250"], await fleet.AnsweredAsync(async () =>
        {
            await fleet.ArmAsync(fleet.Proxies[0],
                "{'at':'mail','ttl':'00:10:00','action':{'type':'greylist','key':'sender','attempts':3}}");
            return await OneByOneAsync(fleet, 4);
        }));
        Assert.DoesNotContain("a@example.org", await fleet.Redis.AskAsync("KEYS", "*"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task FirstFive_WithRedisStalledKilledAndEmptied_AreNeverMore()
    {
        await using var fleet = await FleetRig.StartAsync();
        Assert.Equal(["451", "451"], await fleet.AnsweredAsync(async () =>
        {
            await fleet.ArmAsync(fleet.Proxies[0],
                "{'at':'mail','ttl':'00:10:00','occurrence':{'first':5},'action':{'type':'reply','code':451}}");
            return await OneByOneAsync(fleet, 2);
        }));
        var before = await InjectedAsync(fleet);

        // In mid-flight: who asks now is not struck, and waits for half a second at most.
        fleet.Redis.Stall();
        var stalled = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => SendAsync(fleet.Proxies[n % 3])));
        Assert.All(stalled, static code => Assert.Equal("250", code));
        fleet.Redis.GoOn();
        await fleet.JoinedAsync(3);
        var after = await InjectedAsync(fleet);
        Assert.InRange(after - before, 0, 3);
        await fleet.Redis.KillAsync();
        Assert.Equal(["250", "250", "250"], await OneByOneAsync(fleet, 3));
        await fleet.Redis.StartAgainAsync();
        await fleet.JoinedAsync(3);

        // What it had counted is lost: the rule is not believed any more, until it is made again.
        Assert.Equal(["250", "250", "250"], await OneByOneAsync(fleet, 3));
        Assert.Equal(after, await InjectedAsync(fleet));
        var metrics = await Metrics.ReadAsync(fleet.Proxies[0]);
        Assert.NotEqual(0, metrics.Sum("smtpproxy_faults_skipped_total", ("smtpproxy_fault_reason", "fleet")));
        Assert.Equal(["451", "451", "250"], await fleet.AnsweredAsync(async () =>
        {
            await fleet.ArmAsync(fleet.Proxies[0],
                "{'at':'mail','ttl':'00:10:00','occurrence':{'first':2},'action':{'type':'reply','code':451}}");
            return await OneByOneAsync(fleet, 3);
        }));
    }

    /// <summary>What a client hears to MAIL, at one proxy after the other.</summary>
    private static async Task<string[]> OneByOneAsync(FleetRig fleet, int count)
    {
        var heard = new List<string>();
        for (var n = 0; n < count; n++)
        {
            heard.Add(await SendAsync(fleet.Proxies[n % 3]));
        }

        return [.. heard];
    }

    /// <summary>A whole message, as far as it gets; returns the code to MAIL.</summary>
    private static async Task<string> SendAsync(ProxyProcess proxy)
    {
        using var talk = new Talk(proxy);
        await talk.GreetingAsync();
        await talk.AskAsync("EHLO client.example");
        var mail = await talk.AskAsync("MAIL FROM:<a@example.org>");
        if (mail.StartsWith('2'))
        {
            await talk.AskAsync("RCPT TO:<b@example.org>");
            await talk.AskAsync("DATA");
            await talk.AskAsync("Subject: x\r\n\r\nx\r\n.");
        }

        await talk.AskAsync("QUIT");
        return mail.Length < 3 ? mail : mail[..3];
    }

    private static async Task<long> InjectedAsync(FleetRig fleet)
    {
        long all = 0;
        foreach (var proxy in fleet.Proxies)
        {
            all += (long)(await Metrics.ReadAsync(proxy)).Sum("smtpproxy_faults_injected_total");
        }

        return all;
    }
}
