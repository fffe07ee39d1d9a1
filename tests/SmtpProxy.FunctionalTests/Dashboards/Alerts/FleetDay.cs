using SmtpProxy.FunctionalTests.Fleet;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>Two proxies of one fleet over a real Redis, which first have the same configuration and then do not.</summary>
internal static class FleetDay
{
    /// <summary>Plays it.</summary>
    public static async Task PlayAsync(AlertScenes scenes)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var relay = new TalkingRelay(TalkingRelay.Yes);
        await using var one = await StartAsync(redis, relay);
        await using (await StartAsync(redis, relay))
        {
            scenes.Alike = Scene.Still(await TwoAsync(one, configurations: 1));
        }

        await using var other = await StartAsync(redis, relay, "--SmtpProxy:Limits:MaxSessions=77");
        scenes.Drifted = Scene.Still(await TwoAsync(one, configurations: 2));
    }

    private static Task<ProxyProcess> StartAsync(RedisServer redis, TalkingRelay relay, params string[] more) =>
        ProxyProcess.StartAsync(["--relay", relay.Address, .. redis.Fleet(), .. more]);

    private static Task<Scrape> TwoAsync(ProxyProcess proxy, int configurations) => AlertScenes.WhenAsync(proxy,
        s => s.Sum("smtpproxy_fleet_members") == 2 && s.Sum("smtpproxy_fleet_configurations") == configurations, "they do not meet");
}
