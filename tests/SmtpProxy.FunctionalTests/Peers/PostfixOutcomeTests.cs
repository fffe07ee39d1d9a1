using System.Net;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Faults.Senders;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>Postfix sends a hundred messages through the proxy to Postfix: what its log says of them, and what <c>/metrics</c> say, are the
/// same numbers. It asks DATA without waiting for the replies to RCPT, so each refused recipient draws a 554 that says nothing
/// of whether to come again.</summary>
public sealed class PostfixOutcomeTests(Postfix relay) : IClassFixture<Postfix>
{
    private const string Domain = "test.example";
    private const int Sent = 40, Deferred = 40, Bounced = 20;

    [SkippableFact]
    public async Task Postfix_SendsDefersAndBounces_AndTheMetricsSayTheSame()
    {
        relay.Require();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://127.0.0.1:{relay.Port}");
        var sender = new PostfixSender(new Dictionary<string, int> { [Domain] = proxy.Listener().Port }, retries: "1h");
        await sender.InitializeAsync();
        await using (sender)
        {
            await QueueAsync(sender, "user", Sent);
            await QueueAsync(sender, "later", Deferred);
            await QueueAsync(sender, "refused", Bounced);
            await Eventually.Async(() => Count(sender, "sent") + Count(sender, "deferred") + Count(sender, "bounced") >= Sent + Deferred
                + Bounced, "Postfix is not through");
            Assert.Equal((Sent, Deferred, Bounced), (Count(sender, "sent"), Count(sender, "deferred"), Count(sender, "bounced")));
        }

        await Eventually.Async(async () => (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_active_sessions") == 0, "sessions do not end");
        var metrics = await Metrics.ReadAsync(proxy);
        double Outcome(string outcome) => metrics.Sum("smtpproxy_transactions_total", ("smtpproxy_outcome", outcome));
        Assert.Equal((Sent, Deferred, Bounced), (Outcome("accepted"), Outcome("tempfail"), Outcome("permfail")));
        Assert.Equal(Sent + Deferred + Bounced, metrics.Sum("smtpproxy_transactions_total"));
        Assert.Equal(Deferred + Bounced,
            metrics.Sum("smtpproxy_replies_total", ("smtp_operation_name", "data"), ("smtp_response_status_code", "554")));
        Assert.Equal(Sent, relay.Delivered.Count);
    }

    private static int Count(PostfixSender sender, string status) => PostfixLog.Count(sender.Log, Domain, status);

    /// <summary>Without a sender's address: nobody is told of what bounces.</summary>
    private static async Task QueueAsync(PostfixSender sender, string recipient, int count)
    {
        using var client = await MailSender.ConnectAsync(new IPEndPoint(IPAddress.Loopback, sender.Port));
        await client.SayAsync("EHLO app.example");
        for (var n = 0; n < count; n++)
        {
            Assert.StartsWith("250", await client.SayAsync("MAIL FROM:<>", $"RCPT TO:<{recipient}@{Domain}>", "DATA",
                "Subject: it\r\n\r\nhi\r\n."), StringComparison.Ordinal);
        }

        await client.SayAsync("QUIT");
    }
}
