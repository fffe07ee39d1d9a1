using System.Globalization;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>A client has as many sessions at three proxies as it may have, also when a proxy stalls or dies with some of them, when Redis
/// is emptied or replaced meanwhile, and when its clock is put back.</summary>
[Collection("Fleet")]
public sealed class LimitsAfterTroubleTests
{
    private const int Most = 30;

    [SkippableFact]
    public async Task Sessions_OpenThroughEveryTrouble_AreCountedAfterIt()
    {
        await using var fleet = await FleetRig.StartAsync("--SmtpProxy:Limits:ClientLimitExempt=192.0.2.1",
            $"--SmtpProxy:Limits:MaxSessionsPerClient={Most}", "--SmtpProxy:Limits:ConnectionsPerMinutePerClient=0");
        var open = new List<Talk>();
        try
        {
            await OpenAsync(fleet.Proxies[0], open, Most - 4);
            await FullAfterAsync(fleet, 4, "at the start");

            // Emptied in mid-flight.
            await fleet.Redis.AskAsync("FLUSHALL");
            await FullAfterAsync(fleet, 4, "after Redis was emptied");

            // Another, empty one in its place.
            await fleet.Redis.KillAsync();
            await Task.WhenAll(fleet.Proxies.Select(proxy => fleet.StateAsync(proxy, "degraded")));
            await fleet.Redis.StartAgainAsync();
            await fleet.JoinedAsync(3);
            await FullAfterAsync(fleet, 4, "after Redis was replaced");

            // The proxy with most of them does nothing, until the others believe that it has gone and count without it.
            fleet.Proxies[0].Signal(19);
            foreach (var other in fleet.Proxies.Skip(1))
            {
                await Eventually.Async(async () => (await fleet.FleetOfAsync(other)).GetProperty("members").GetArrayLength() == 2,
                    "the stalled one is not missed");
            }

            await FullAfterAsync(fleet, Most, "while one is not there");
            fleet.Proxies[0].Signal(18);
            await fleet.JoinedAsync(3);
            await FullAfterAsync(fleet, 4, "after one was stalled");

            // Marks of a future that is none any more: Redis' clock was put back by a day.
            var later = DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            const string Begin = "smtpproxy:{smtpproxy}:";
            var gone = Guid.NewGuid().ToString("N");
            await fleet.Redis.AskAsync("ZADD", Begin + "counting", later, gone);
            var keys = await fleet.Redis.AskAsync("KEYS", Begin + "sessions:*");
            foreach (var key in keys.Split("\r\n").Where(static k => k.StartsWith(Begin, StringComparison.Ordinal)))
            {
                await fleet.Redis.AskAsync("HSET", key, gone, "1000");
            }

            await FullAfterAsync(fleet, 4, "after the clock was put back");

            await UndisturbedAsync(open);

            // Killed with its sessions out: five seconds later they are nobody's.
            fleet.Proxies[0].Signal(9);
            await fleet.Proxies[0].ExitAsync();
            fleet.Proxies.RemoveAt(0);
            await fleet.JoinedAsync(2);
            await FullAfterAsync(fleet, Most, "after one was killed");
        }
        finally
        {
            open.ForEach(static t => t.Dispose());
        }
    }

    /// <summary>So many more find room at the last proxies, in turn, and then nobody; those leave again.</summary>
    private static async Task FullAfterAsync(FleetRig fleet, int more, string when)
    {
        // What the proxies have to tell of each other is told with the next beat, or the one after it.
        await Eventually.Async(async () =>
        {
            var these = new List<Talk>();
            try
            {
                var served = 0;
                while (served <= Most && await IsServedAsync(fleet.Proxies[^(1 + (served % 2))], these))
                {
                    served++;
                }

                return served == more;
            }
            finally
            {
                foreach (var talk in these)
                {
                    await talk.AskAsync("QUIT");
                    talk.Dispose();
                }
            }
        }, $"not {more} more, {when}");
    }

    /// <summary>Nobody who is served is disturbed.</summary>
    private static async Task UndisturbedAsync(List<Talk> open)
    {
        foreach (var talk in open)
        {
            Assert.Equal("250 ok", await talk.AskAsync("NOOP"));
        }
    }

    private static async Task OpenAsync(ProxyProcess proxy, List<Talk> open, int count)
    {
        for (var n = 0; n < count; n++)
        {
            Assert.True(await IsServedAsync(proxy, open));
        }
    }

    private static async Task<bool> IsServedAsync(ProxyProcess proxy, List<Talk> open)
    {
        open.Add(new Talk(proxy));
        return (await open[^1].GreetingAsync()).StartsWith("220", StringComparison.Ordinal);
    }
}
