namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>What each alert fires on, and what is near to it and no reason to.</summary>
/// <param name="scenes">What the product did; empty scenes where only the words are of interest.</param>
internal sealed class AlertCases(AlertScenes scenes)
{
    private static readonly TimeSpan Scrape = TimeSpan.FromSeconds(15), Minute = TimeSpan.FromMinutes(1), Hour = TimeSpan.FromHours(1),
        Day = TimeSpan.FromDays(1);

    private Scene Healthy => scenes.Healthy;

    /// <summary>All of them.</summary>
    public IEnumerable<AlertCase> All =>
    [
        Case("ErrorBudgetBurnFast", "every recipient is deferred for ten minutes", scenes.Deferred, 10 * Minute, 70 * Minute,
            "thirty messages an hour, two of them deferred", new Timeline(Minute * 2).Play(scenes.One, Hour)
                .Play(scenes.OneDeferred, 4 * Minute).Play(scenes.One, Hour)),
        new("ErrorBudgetBurnSlow", "a twelfth of the recipients is deferred for five hours", 6 * Hour,
            new Timeline(5 * Minute).Play(Healthy, 6 * Hour).Mix(scenes.Deferred, Healthy, 6, 5 * Hour),
            new Timeline(5 * Minute).Play(Healthy, 11 * Hour), null,
            "one message of a thousand is deferred", [new Timeline(5 * Minute).Mix(scenes.OneDeferred, Healthy, 84, 12 * Hour)]),
        new("ErrorBudgetBurnTicket", "one message of forty is deferred for a day", 3 * Day,
            new Timeline(10 * Minute).Play(Healthy, 3 * Day).Mix(scenes.Deferred, Healthy, 20, Day),
            new Timeline(10 * Minute).Play(Healthy, 4 * Day), null,
            "one message of two thousand is deferred", [new Timeline(10 * Minute).Mix(scenes.OneDeferred, Healthy, 167, 4 * Day)]),
        Case("LatencyBudgetBurn", "verdicts take more than five seconds for twenty minutes", scenes.Slow, 20 * Minute, 10 * Minute,
            "one message of forty is slow", new Timeline(Scrape).Mix(scenes.Slow, Healthy, 40, Hour)),
        Both("ClusterDown", "both relays refuse connections, at both proxies", scenes.Outage, 3 * Minute, Scrape,
            "one relay of two does, at both", Steady(scenes.OneLost, 10 * Minute), Steady(scenes.OneLost, 10 * Minute)),
        Case("RelayDown", "one relay of two refuses connections, at one proxy of two", scenes.OneLost, 4 * Minute, Scrape,
            "one relay of two is drained", Steady(scenes.OneDrained, 10 * Minute)),
        Both("ClusterHanging", "neither relay gives a verdict, at both proxies", scenes.BothHang, 4 * Minute, Minute,
            "one relay of two gives none", Steady(scenes.OneHangs, 10 * Minute), Steady(scenes.OneHangs, 10 * Minute)),
        Case("RelayHanging", "one relay of two gives no verdict, at one proxy of two", scenes.OneHangs, 5 * Minute, Minute,
            "nineteen clients say nothing", Steady(scenes.Full, 10 * Minute)),
        Case("MailDiscarded", "a cluster leads to the sink", scenes.Troubled, 2 * Minute, null, "relays take the mail",
            Steady(Healthy, 10 * Minute)),
        Case("RelayTrustsProxy", "relays offer XCLIENT to the proxy", scenes.Trusts, 2 * Minute, Minute, "they do not",
            Steady(Healthy, 10 * Minute)),
        Both("AllConnectsFailing", "both relays refuse connections, at both proxies", scenes.Outage, 2 * Minute, 3 * Minute,
            "one relay of two does", Steady(scenes.OneLost, 10 * Minute), Steady(scenes.OneLost, 10 * Minute)),
        new("NoTraffic", "nobody comes for an hour, at a time when somebody did the day before", 24 * Hour,
            new Timeline(5 * Minute).Play(Healthy, Day).Play(scenes.Still, Hour),
            new Timeline(5 * Minute).Play(Healthy, Day).Play(scenes.Still, Hour), null,
            "nobody comes on a day on which nobody came last week",
            [new Timeline(5 * Minute).Play(scenes.Still, 5 * Day).Play(Healthy, 2 * Day).Play(scenes.Still, 12 * Hour)]),
        new("PermfailSurge", "every recipient is refused for an hour, after a day on which none was", Day,
            new Timeline(2 * Minute).Play(Healthy, Day).Play(scenes.Refused, Hour), new Timeline(2 * Minute).Play(Healthy, Day + Hour),
            null,
            "a third of them is refused, as all day long", [new Timeline(2 * Minute).Mix(scenes.Refused, Healthy, 2, Day)]),
        Case("GreetingSlow", "greetings take more than five seconds", scenes.Slow, 20 * Minute, 20 * Minute,
            "one of forty does", new Timeline(Scrape).Mix(scenes.Slow, Healthy, 60, Hour)),
        Case("TooManyConnections", "relays greet with 421", scenes.TurnedAway, 10 * Minute, 10 * Minute,
            "six connections an hour are greeted so", new Timeline(Scrape).Mix(scenes.TurnedAway, Healthy, 240, 2 * Hour)),
        Case("AuthFailureSurge", "every login is refused", scenes.BadLogins, 20 * Minute, 15 * Minute,
            "six of thirty are", new Timeline(Scrape).Mix(scenes.BadLogins, Healthy, 13, Hour)),
        Case("SessionsNearLimit", "nineteen of twenty sessions are open, at one proxy of two", scenes.Full, 6 * Minute, Scrape,
            "ten of twenty are", Steady(scenes.HalfFull, 20 * Minute)),
        Case("OutOfRoom", "sessions keep more than there is memory for", scenes.Troubled, Minute, 15 * Minute,
            "four of them do, once in a quarter of an hour", new Timeline(Scrape).Mix(scenes.Troubled, Healthy, 60, 2 * Hour)),
        Case("ProxyOverheadHigh", "the process does not get to run", scenes.Stopped, 20 * Minute, 15 * Minute,
            "it is that of one hour in the day", new Timeline(Minute).Mix(scenes.Stopped, Healthy, 1000, 10 * Minute)),
        Case("TlsHandshakeFailures", "the relay does not speak TLS", scenes.Troubled, 20 * Minute, 20 * Minute,
            "three handshakes an hour fail", new Timeline(Scrape).Mix(scenes.Troubled, Healthy, 240, 2 * Hour)),
        Case("TlsCertificateExpiring", "a certificate is good for ten days", scenes.Troubled, 12 * Minute, null, "it is good for thirty",
            Steady(scenes.Certified, 20 * Minute)),
        new("OpaqueShareJump", "every session goes on in TLS that passes through, after a day on which none did", Day,
            new Timeline(5 * Minute).Play(Healthy, Day).Play(scenes.Sealed, Hour), new Timeline(5 * Minute).Play(Healthy, Day + Hour), null,
            "half of them do, as all day long", [new Timeline(5 * Minute).Mix(scenes.Sealed, Healthy, 2, Day)]),
        Case("LeftTracking", "a client turns its session round", scenes.Turned, Minute, 20 * Minute, "clients log in and send mail",
            Steady(Healthy, 20 * Minute)),
        Case("JournalIncomplete", "more sessions end in a second than the journal takes", scenes.Troubled, Minute, 20 * Minute, "fewer do",
            Steady(Healthy, 20 * Minute)),
        Case("ExportFailing", "nobody listens where spans are pushed", scenes.Troubled, 12 * Minute, 10 * Minute,
            "one push fails in an hour", new Timeline(Scrape).Mix(scenes.Troubled, Healthy, 240, 2 * Hour)),
        Case("CapabilityLost", "relays offer less than before", scenes.OffersLess, 7 * Minute, Minute, "they never offered more",
            Steady(scenes.OffersLess, 20 * Minute)),
        Case("DuplicateRisk", "six clients leave while their verdict is awaited", scenes.Duplicates, Scrape, 20 * Minute,
            "one does so in ten minutes", new Timeline(Scrape).Mix(scenes.OneDuplicate, Healthy, 40, 2 * Hour)),
        Case("FaultsArmedTooLong", "a rule is armed for four hours", scenes.Troubled, 4 * Hour + Minute, Scrape,
            "it is armed for three", new Timeline(Minute).Play(scenes.Troubled, 3 * Hour).Play(Healthy, Hour)),
        Case("FleetLost", "nobody listens where the fleet's Redis should be", scenes.Narrow, 3 * Minute, null, "there is no fleet",
            Steady(Healthy, 10 * Minute)),
        Case("FleetDrift", "two proxies of a fleet have different limits", scenes.Drifted, 16 * Minute, null, "they have the same",
            Steady(scenes.Alike, 40 * Minute)),
        Case("MetricOverflow", "each instrument may have ten series", scenes.Narrow, 6 * Minute, null, "each has room",
            Steady(Healthy, 10 * Minute)),
        Case("ProxyAbsent", "one proxy of two has gone", scenes.Dead, 3 * Minute, Minute,
            "a scrape fails now and then", new Timeline(Scrape).Mix(scenes.Dead, Healthy, 20, 20 * Minute)),
        new("ProxyRestarting", "a proxy is started three times more in half an hour", 5 * Minute,
            Steady(Healthy, 5 * Minute).Play(scenes.Troubled, 5 * Minute).Play(scenes.Narrow, 5 * Minute).Play(scenes.Slow, 5 * Minute),
            Steady(Healthy, 20 * Minute), 30 * Minute,
            "it is started twice", [Steady(Healthy, 5 * Minute).Play(scenes.Troubled, 5 * Minute).Play(scenes.Narrow, Hour)]),
    ];

    /// <summary>Two days and nights: all is well by day; at night there is one message in two hours, and that is deferred.</summary>
    public Timeline Nights() => new Timeline(5 * Minute)
        .Play(Healthy, 16 * Hour).Mix(scenes.OneDeferred, scenes.Still, 24, 8 * Hour).Play(Healthy, 16 * Hour)
        .Mix(scenes.OneDeferred, scenes.Still, 24, 8 * Hour);

    private AlertCase Case(string alert, string trouble, Scene broken, TimeSpan lasts, TimeSpan? after, string nearTo, Timeline near) =>
        new(alert, trouble, 10 * Minute, Steady(Healthy, 10 * Minute).Play(broken, lasts), Steady(Healthy, (10 * Minute) + lasts), after,
            nearTo, [near]);

    private AlertCase Both(string alert, string trouble, Scene broken, TimeSpan lasts, TimeSpan? after, string nearTo,
        params Timeline[] near) =>
        new(alert, trouble, 10 * Minute, Steady(Healthy, 10 * Minute).Play(broken, lasts), Steady(Healthy, 10 * Minute).Play(broken, lasts),
            after, nearTo, near);

    private static Timeline Steady(Scene scene, TimeSpan length) => new Timeline(Scrape).Play(scene, length);
}
