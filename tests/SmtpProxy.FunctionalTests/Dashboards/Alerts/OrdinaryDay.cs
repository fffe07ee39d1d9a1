using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>A proxy as it should be, with two relays to which everything happens that can happen to relays; at the end
/// they go, and then it goes.</summary>
internal static class OrdinaryDay
{
    private const int Many = 6;

    /// <summary>Plays it.</summary>
    public static async Task PlayAsync(AlertScenes scenes)
    {
        await using var one = new TalkingRelay(Usual);
        await using var two = new TalkingRelay(Usual);
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", one.Address, "--relay", two.Address, "--SmtpProxy:Limits:MaxSessions=20",
            "--ReverseProxy:Clusters:relays:LoadBalancingPolicy=RoundRobin");
        var relays = new[] { one, two };
        Task<Scene> While(Func<string, string?> answer, Func<Task> what) => WhileAsync(proxy, relays, answer, what);
        Task<Scene> Mails(Func<string, string?> answer, int count) => While(answer, () => MailAsync(proxy, count));

        do
        {
            // On a machine that lets the process wait it is not a healthy one.
            scenes.Healthy = await While(Usual, async () =>
            {
                await MailAsync(proxy, 2 * Many);
                await SayAsync(proxy, 2, "EHLO client", "AUTH PLAIN AGEAYg==");
            });
        }
        while (SlowDay.ShareOfSlow(scenes.Healthy) > 0);

        scenes.Still = await While(Usual, static () => Task.CompletedTask);
        scenes.One = await Mails(Usual, 1);
        scenes.OneDeferred = await Mails(Refusing("450 4.3.0 later"), 1);
        scenes.Deferred = await Mails(Refusing("450 4.3.0 later"), Many);
        scenes.Refused = await Mails(Refusing("550 5.1.1 nobody"), Many);
        scenes.BadLogins = await While(Answering("AUTH", "535 5.7.8 no"),
            () => SayAsync(proxy, Many, "EHLO client", "AUTH PLAIN AGEAYg=="));
        scenes.TurnedAway = await While(Answering("", "421 4.3.2 too many"), () => SayAsync(proxy, Many));
        scenes.OffersLess = await Mails(Answering("EHLO", "250 relay"), Many);
        scenes.Trusts = await Mails(Answering("EHLO", "250-relay\r\n250 XCLIENT ADDR"), Many);
        await Mails(Usual, Many);
        scenes.Sealed = await While(Usual, () => SayAsync(proxy, 2 * Many, "EHLO client", "STARTTLS", "\x16\x03\x01\0\x05\x01\0\0\x01\0"));
        scenes.Turned = await While(Usual, () => SayAsync(proxy, 1, "EHLO client", "TURN"));
        scenes.Duplicates = await While(Silent, () => LeaveAsync(proxy, Many));
        scenes.OneDuplicate = await While(Silent, () => LeaveAsync(proxy, 1));
        scenes.BothHang = await HangAsync(proxy, relays, relays);
        scenes.OneHangs = await HangAsync(proxy, relays, [one]);
        scenes.HalfFull = await CrowdAsync(proxy, 10);
        scenes.Full = await CrowdAsync(proxy, 19);

        using var http = new HttpClient { BaseAddress = proxy.Admin };
        await http.PostAsync(new Uri("/api/v1/upstreams/relays/relay-1/drain", UriKind.Relative), null);
        scenes.OneDrained = await Mails(Usual, Many);
        await http.PostAsync(new Uri("/api/v1/upstreams/relays/relay-1/undrain", UriKind.Relative), null);

        scenes.OneLost = await While(Usual, async () =>
        {
            await one.DisposeAsync();
            await DownAsync(proxy, 1);
        });
        scenes.Outage = await While(Usual, async () =>
        {
            await two.DisposeAsync();
            await DownAsync(proxy, 0);
            await SayAsync(proxy, Many);
        });
        var last = await Scrape.OfAsync(proxy);
        proxy.Terminate();
        await proxy.ExitAsync();
        scenes.Dead = new(last, await Scrape.OfAsync(proxy));
    }

    private static string? Usual(string command) => command.Split(' ')[0] switch
    {
        "EHLO" => "250-relay\r\n250-SIZE 1000000\r\n250-AUTH PLAIN\r\n250 STARTTLS",
        "AUTH" => "235 2.7.0 welcome",
        "STARTTLS" => "220 go",
        _ => TalkingRelay.Yes(command),
    };

    private static string? Silent(string command) => command == "." ? null : Usual(command);

    private static Func<string, string?> Answering(string verb, string reply) => command =>
        command.Split(' ')[0] == verb ? reply : Usual(command);

    private static Func<string, string?> Refusing(string reply) =>
        command => command == "DATA" ? "554 5.5.1 no valid recipients" : Answering("RCPT", reply)(command);

    private static Task<Scene> WhileAsync(ProxyProcess proxy, TalkingRelay[] relays, Func<string, string?> answer, Func<Task> what) =>
        AlertScenes.BetweenAsync(proxy, async () =>
    {
        Array.ForEach(relays, relay => relay.Answer = answer);
        await what();
    });

    private static async Task MailAsync(ProxyProcess proxy, int count)
    {
        for (var n = 0; n < count; n++)
        {
            await MailSender.SendAsync(proxy.Listener());
        }
    }

    /// <summary>Sessions that say this and leave; who is turned away has nothing to say.</summary>
    private static async Task SayAsync(ProxyProcess proxy, int count, params string[] lines)
    {
        for (var n = 0; n < count; n++)
        {
            using var sender = await MailSender.ConnectAsync(proxy.Listener());
            await sender.SayAsync(lines);
        }
    }

    /// <summary>Sends messages up to their end, and leaves.</summary>
    private static async Task LeaveAsync(ProxyProcess proxy, int count)
    {
        var before = (await Scrape.OfAsync(proxy)).Sum("smtpproxy_transactions_at_risk_total");
        foreach (var sender in await SendAsync(proxy, count))
        {
            sender.Dispose();
        }

        await AlertScenes.WhenAsync(proxy, s => s.Sum("smtpproxy_transactions_at_risk_total") >= before + count, "nothing is at risk");
    }

    /// <summary>Some relays give no verdict; two scrapes while they do not, so that it is seen how the wait grows. They are so far apart
    /// that it does not matter when in their time each of them was taken.</summary>
    private static async Task<Scene> HangAsync(ProxyProcess proxy, TalkingRelay[] all, TalkingRelay[] hanging)
    {
        Array.ForEach(all, relay => relay.Answer = hanging.Contains(relay) ? Silent : Usual);
        var senders = await SendAsync(proxy, Many * 2);
        var before = await AlertScenes.WhenAsync(
            proxy, s => s.Sum("smtpproxy_sessions_waiting", "\"end_of_data\"") == Many * hanging.Length, "nothing waits");
        var after = await AlertScenes.WhenAsync(
            proxy, s => Oldest(s) > Oldest(before) + 0.3 && s.At - before.At > 8 * (before.Took + s.Took), "it does not last");
        senders.ForEach(static s => s.Dispose());
        return new(before, after);

        static double Oldest(Scrape scrape) => scrape.Sum("smtpproxy_sessions_waiting_oldest_seconds", "\"end_of_data\"");
    }

    private static async Task<Scene> CrowdAsync(ProxyProcess proxy, int count)
    {
        await AlertScenes.BetweenAsync(proxy, static () => Task.CompletedTask);
        var crowd = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => MailSender.ConnectAsync(proxy.Listener())));
        var scrape = await AlertScenes.WhenAsync(proxy, s => s.Sum("smtpproxy_active_sessions") == count, "they are not there");
        Array.ForEach(crowd, static s => s.Dispose());
        return Scene.Still(scrape);
    }

    private static async Task<List<MailSender>> SendAsync(ProxyProcess proxy, int count)
    {
        List<MailSender> senders = [];
        for (var n = 0; n < count; n++)
        {
            senders.Add(await MailSender.ConnectAsync(proxy.Listener()));
            await senders[^1].SayAsync("EHLO client", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA");
            await senders[^1].TellAsync("hi\r\n.");
        }

        return senders;
    }

    /// <summary>Sends mail until so many relays are left.</summary>
    private static async Task DownAsync(ProxyProcess proxy, int left)
    {
        do
        {
            await SayAsync(proxy, 1);
        }
        while ((await Scrape.OfAsync(proxy)).Sum("smtpproxy_upstream_up", "relay-") > left);
    }
}
