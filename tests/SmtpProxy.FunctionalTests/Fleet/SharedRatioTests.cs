using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>The share of sessions that a rule may strike is a share of the sessions of three real proxies together, over a real Redis,
/// under load that is dealt unevenly.</summary>
[Collection("Fleet")]
public sealed class SharedRatioTests(ITestOutputHelper output)
{
    private const double Ratio = 0.2;

    /// <summary>At which proxy each client of the load is: most of them at the first.</summary>
    private static readonly int[] Dealt = [0, 0, 0, 0, 1, 1, 2];

    private int _begun;
    private int _struck;
    private int _tooMany;

    [SkippableFact]
    public async Task MaxAffectedRatio_UnderLoadAtThreeProxies_IsOfAllTheirSessions()
    {
        await using var fleet = await FleetRig.StartAsync();
        await fleet.ArmAsync(fleet.Proxies[0],
            $"{{'at':'mail','ttl':'00:10:00','budget':{{'maxAffectedRatio':{Ratio}}},'action':{{'type':'reply','code':451}}}}");
        await LoadAsync(fleet, sessions: 280);

        // Redis stalls in mid-flight, is killed, and comes back empty: never more than the share.
        fleet.Redis.Stall();
        await LoadAsync(fleet, sessions: 35);
        fleet.Redis.GoOn();
        await fleet.JoinedAsync(3);
        await LoadAsync(fleet, sessions: 70);
        var (begun, struck, unanswered) = (_begun, _struck, await fleet.UnansweredAsync());
        output.WriteLine($"{struck} of {begun} sessions were struck: {100.0 * struck / begun:F1} % of at most {100 * Ratio:F0} %");
        Assert.Equal(0, _tooMany);

        // Hardly fewer either: what the others do is known half a second later. Who had no answer of Redis in time, as while it stalls or
        // the machine is busy, strikes nobody.
        Assert.InRange(struck, Ratio * (begun - unanswered) * 0.75, Ratio * begun);
        await fleet.Redis.KillAsync();
        await Task.WhenAll(fleet.Proxies.Select(proxy => fleet.StateAsync(proxy, "degraded")));
        await LoadAsync(fleet, sessions: 35);
        await fleet.Redis.StartAgainAsync();
        await fleet.JoinedAsync(3);
        await LoadAsync(fleet, sessions: 35);
        Assert.Equal(struck, _struck);
    }

    [SkippableFact]
    public async Task MaxAffectedRatio_WhereOneProxyMeetsAllThatMatches_IsStillOfAllSessions()
    {
        await using var fleet = await FleetRig.StartAsync();
        await fleet.ArmAsync(fleet.Proxies[0],
            "{'at':'mail','ttl':'00:10:00','match':{'mailFrom':['chosen@example.org']},'budget':{'maxAffectedRatio':0.5},"
            + "'action':{'type':'reply','code':451}}");
        foreach (var proxy in fleet.Proxies.Skip(1))
        {
            for (var n = 0; n < 10; n++)
            {
                Assert.False(await SendAsync(proxy, "other@example.org"));
            }
        }

        // The others had twenty sessions: when that is known, the first ten here are struck, which alone would be all of its own.
        await Eventually.Async(async () =>
        {
            _begun++;
            _struck += await SendAsync(fleet.Proxies[0], "chosen@example.org") ? 1 : 0;
            return _struck >= 10;
        }, "what the others did is not known");
        Assert.True(_struck <= 0.5 * (20 + _begun), $"{_struck} of {_begun} and 20");
        Assert.True(_struck > 0.5 * _begun, $"{_struck} of {_begun}: the sessions of the others do not count");
    }

    private async Task LoadAsync(FleetRig fleet, int sessions)
    {
        var left = sessions;
        await Task.WhenAll(Dealt.Select(at => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                Interlocked.Increment(ref _begun);
                if (await SendAsync(fleet.Proxies[at], "a@example.org")
                    && Interlocked.Increment(ref _struck) > Ratio * Volatile.Read(ref _begun))
                {
                    Interlocked.Increment(ref _tooMany);
                }
            }
        })));
    }

    /// <summary>Returns whether the session was struck; it gets on either way.</summary>
    private static async Task<bool> SendAsync(ProxyProcess proxy, string sender)
    {
        using var talk = new Talk(proxy);
        Assert.Equal("220 relay", await talk.GreetingAsync());
        Assert.Equal("250 ok", await talk.AskAsync("EHLO client.example"));
        var mail = await talk.AskAsync($"MAIL FROM:<{sender}>");
        Assert.Equal("221 bye", await talk.AskAsync("QUIT"));
        return mail.StartsWith("451", StringComparison.Ordinal);
    }
}
