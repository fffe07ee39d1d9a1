using System.Runtime.CompilerServices;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Dashboards;

/// <summary>Alerts whose <c>for:</c> a test can wait for, fired by the product itself before a real Prometheus with the rules as they are shipped.</summary>
public sealed class LiveAlertTests
{
    private static readonly string Rules = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "dashboards", "prometheus"));

    [SkippableFact]
    public async Task DuplicateRisk_TheFirstBurst_Fires()
    {
        await using var prometheus = await PrometheusServer.StartAsync(Rules);
        // The relay has the whole message and never says what it makes of it.
        await using var relay = new TalkingRelay(static command => command == "." ? null : TalkingRelay.Yes(command));
        await using var proxy = await ProxyProcess.StartAsync("--relay", relay.Address);
        prometheus.Scrape(proxy.Admin);
        await Eventually.Async(async () => (await prometheus.QueryAsync("smtpproxy_transactions_at_risk_total")).Length > 0, "no series at the start");
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using var sender = await MailSender.ConnectAsync(proxy.Listener());
            await sender.SayAsync("EHLO client", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA");
            await sender.TellAsync("hi\r\n.");
        }));
        await FiresAsync(prometheus, "DuplicateRisk");
    }

    private static Task FiresAsync(PrometheusServer prometheus, string alert) => Eventually.Async(
        async () => (await prometheus.QueryAsync($"ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}")).Length > 0, $"{alert} does not fire");

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
