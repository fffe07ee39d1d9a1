using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>Two proxies that were set up as nobody should: mail goes into the sink, a certificate is about to expire, spans are pushed to
/// nobody, a rule of faults is armed, the journal takes one session a second and memory is short, the relay that TLS is spoken with does
/// not speak it; and one that may have few series.</summary>
internal static class BadConfiguration
{
    private const int Sessions = 4, Noops = 9_000, Together = 500;

    /// <summary>Plays it.</summary>
    public static async Task PlayAsync(AlertScenes scenes)
    {
        using var made = new TestCertificates();
        await using var plain = new TalkingRelay(TalkingRelay.Yes);
        var sink = ProxyProcess.FreeSinkAddress();
        var environment = new Dictionary<string, string>
        {
            ["DOTNET_ENVIRONMENT"] = "Test",
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "http://127.0.0.1:1",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        };
        await using (var proxy = await ProxyProcess.StartAsync(
            static _ => { }, environment,
            [
                "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--SmtpProxy:Listeners:inbound:Cluster=relays",
                "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls",
                .. made.Until(TimeSpan.FromDays(10), "mail.example.org").Arguments("inbound"),
                "--SmtpProxy:Listeners:secure:Address=127.0.0.1:0", "--SmtpProxy:Listeners:secure:Cluster=secure",
                $"--ReverseProxy:Clusters:secure:Destinations:mx:Address=" +
                    $"{plain.Address.Replace("smtp:", "smtps:", StringComparison.Ordinal)}",
                "--ReverseProxy:Clusters:secure:Metadata:Smtp.AskAtStart=false",
                $"--SmtpProxy:Sink:Address={sink}", $"--ReverseProxy:Clusters:relays:Destinations:sink:Address=smtp://{sink}",
                "--SmtpProxy:Faults:Enabled=true", "--SmtpProxy:Faults:Rules:slow:At=rcpt",
                "--SmtpProxy:Faults:Rules:slow:Match:ClientCidr=192.0.2.0/24",
                "--SmtpProxy:Faults:Rules:slow:Action:Type=delay", "--SmtpProxy:Faults:Rules:slow:Action:Duration=00:00:01",
                "--SmtpProxy:Journal:MaxPerSecond=1", "--SmtpProxy:Journal:MaxExchanges=100000", "--SmtpProxy:Limits:RecordMemory=1048576",
                "--SmtpProxy:Telemetry:SampleShare=1",
            ]))
        {
            scenes.Troubled = await AlertScenes.BetweenAsync(proxy, async () =>
            {
                await FloodAsync(proxy);
                for (var n = 0; n < Sessions; n++)
                {
                    using var sender = await MailSender.ConnectAsync(proxy.Listener("secure"));
                }

                await AlertScenes.WhenAsync(proxy, static s => s.Sum("smtpproxy_export_items_total", "\"failed\"") > 0,
                    "the push does not fail");
            });
        }

        await using var narrow = await ProxyProcess.StartAsync(
            folder => File.WriteAllText(Path.Combine(folder, "fleet.key"), "a key that nobody needs"),
            ["--SmtpProxy:Fleet:Redis=127.0.0.1:1", "--SmtpProxy:Fleet:KeyFile=fleet.key", "--SmtpProxy:Telemetry:CardinalityLimit=10",
                "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
                "--SmtpProxy:Listeners:inbound:Cluster=relays",
                "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", .. made.Good().Arguments("inbound")]);
        scenes.Narrow = scenes.Certified = Scene.Still(await Scrape.OfAsync(narrow));
    }

    /// <summary>More exchanges than there is memory for.</summary>
    private static async Task FloodAsync(ProxyProcess proxy)
    {
        var noops = new StringBuilder().Insert(0, "NOOP\r\n", Together).ToString();
        var crowd = new List<MailSender>();
        for (var session = 0; session < Sessions; session++)
        {
            crowd.Add(await MailSender.ConnectAsync(proxy.Listener()));
            for (var said = 0; said < Noops; said += Together)
            {
                await crowd[^1].SayTogetherAsync(noops, Together);
            }
        }

        foreach (var sender in crowd)
        {
            await sender.SayAsync("QUIT");
            sender.Dispose();
        }
    }
}
