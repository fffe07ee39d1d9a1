using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>Everything that alerts are about, done to a few proxies with real sockets, each between two scrapes.</summary>
internal sealed class AlertScenes
{
    /// <summary>Twelve messages and two logins, all of them taken.</summary>
    public Scene Healthy { get; set; } = null!;

    /// <summary>Nothing.</summary>
    public Scene Still { get; set; } = null!;

    /// <summary>One message, taken.</summary>
    public Scene One { get; set; } = null!;

    /// <summary>One message, of which the recipient is answered 450.</summary>
    public Scene OneDeferred { get; set; } = null!;

    /// <summary>Recipients are answered 450.</summary>
    public Scene Deferred { get; set; } = null!;

    /// <summary>Recipients are answered 550.</summary>
    public Scene Refused { get; set; } = null!;

    /// <summary>Passwords are answered 535.</summary>
    public Scene BadLogins { get; set; } = null!;

    /// <summary>Connections are answered 421.</summary>
    public Scene TurnedAway { get; set; } = null!;

    /// <summary>Relays offer less than before.</summary>
    public Scene OffersLess { get; set; } = null!;

    /// <summary>Relays offer XCLIENT to the proxy.</summary>
    public Scene Trusts { get; set; } = null!;

    /// <summary>Sessions go on in TLS that passes through.</summary>
    public Scene Sealed { get; set; } = null!;

    /// <summary>A client turns its session round.</summary>
    public Scene Turned { get; set; } = null!;

    /// <summary>Six clients leave while the verdict on their message is awaited.</summary>
    public Scene Duplicates { get; set; } = null!;

    /// <summary>One client does.</summary>
    public Scene OneDuplicate { get; set; } = null!;

    /// <summary>No verdict comes from one relay of two.</summary>
    public Scene OneHangs { get; set; } = null!;

    /// <summary>No verdict comes from either.</summary>
    public Scene BothHang { get; set; } = null!;

    /// <summary>Ten of the twenty sessions that are allowed are open, and nobody speaks.</summary>
    public Scene HalfFull { get; set; } = null!;

    /// <summary>Nineteen are.</summary>
    public Scene Full { get; set; } = null!;

    /// <summary>One relay of two is drained.</summary>
    public Scene OneDrained { get; set; } = null!;

    /// <summary>One relay of two is gone.</summary>
    public Scene OneLost { get; set; } = null!;

    /// <summary>Both are.</summary>
    public Scene Outage { get; set; } = null!;

    /// <summary>The proxy is.</summary>
    public Scene Dead { get; set; } = null!;

    /// <summary>All that is wrong with a bad configuration.</summary>
    public Scene Troubled { get; set; } = null!;

    /// <summary>A certificate is good for thirty days.</summary>
    public Scene Certified { get; set; } = null!;

    /// <summary>Greetings and verdicts take more than five seconds.</summary>
    public Scene Slow { get; set; } = null!;

    /// <summary>The process is stopped again and again while sessions talk.</summary>
    public Scene Stopped { get; set; } = null!;

    /// <summary>Each instrument may have ten series.</summary>
    public Scene Narrow { get; set; } = null!;

    /// <summary>Two proxies of a fleet have the same configuration.</summary>
    public Scene Alike { get; set; } = null!;

    /// <summary>They have different limits.</summary>
    public Scene Drifted { get; set; } = null!;

    /// <summary>Plays all of them.</summary>
    public static async Task<AlertScenes> PlayAsync()
    {
        var scenes = new AlertScenes();
        await Task.WhenAll(OrdinaryDay.PlayAsync(scenes), BadConfiguration.PlayAsync(scenes), SlowDay.PlayAsync(scenes),
            FleetDay.PlayAsync(scenes));
        return scenes;
    }

    /// <summary>What happens between two scrapes of a proxy; both are taken when no session is open.</summary>
    internal static async Task<Scene> BetweenAsync(ProxyProcess proxy, Func<Task> what)
    {
        var before = await QuietAsync(proxy);
        await what();
        return new(before, await QuietAsync(proxy));
    }

    /// <summary>A scrape, once it says what is waited for.</summary>
    internal static async Task<Scrape> WhenAsync(ProxyProcess proxy, Func<Scrape, bool> holds, string otherwise)
    {
        var scrape = await Scrape.OfAsync(proxy);
        await Eventually.Async(async () => holds(scrape = await Scrape.OfAsync(proxy)), otherwise);
        return scrape;
    }

    private static Task<Scrape> QuietAsync(ProxyProcess proxy) =>
        WhenAsync(proxy, static s => s.Sum("smtpproxy_active_sessions") == 0, "sessions do not end");
}
