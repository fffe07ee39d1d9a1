using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MailKit.Security;
using SmtpProxy.FunctionalTests.Peers.Clients;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>Real clients through the proxy to a real relay: what was sent is what is delivered, and what the proxy says of it is what the
/// relay's own log says.</summary>
public abstract partial class RelayTests<TServer>(Relayed<TServer> relayed) : IClassFixture<Relayed<TServer>>
    where TServer : MailServer, new()
{
    /// <summary>The relay.</summary>
    protected TServer Server => relayed.Server;

    [SkippableTheory]
    [MemberData(nameof(TestMessage.Sendings), MemberType = typeof(TestMessage))]
    public async Task Message_OfAnyClient_IsDeliveredUnchangedAndKnown(string client, string kind)
    {
        Server.Require();
        var message = TestMessage.Of(kind);
        var before = Server.Delivered.ToHashSet();

        await MailClient.SendAsync(client, relayed.Proxy.Listener(), "me@test.example", ["a@test.example"], message);

        var record = await relayed.NextRecordAsync();
        var delivered = (await Server.DeliveredAsync(before.Count + 1)).Single(file => !before.Contains(file));
        Assert.Equal(TestMessage.BodyOf(message), TestMessage.BodyOf(await File.ReadAllBytesAsync(delivered)));
        var transaction = Assert.Single(record.GetProperty("transactions").EnumerateArray());
        Assert.Equal("delivered", transaction.GetProperty("outcome").GetString());
        Assert.Equal(JsonValueKind.Null, record.GetProperty("diagnosis").ValueKind);
        Assert.Equal(message.Length, transaction.GetProperty("message_octets").GetInt64());
        await Server.LoggedAsync(transaction.GetProperty("queue_id").GetString()!);
        // nodemailer hangs up without a word, and some relays have one of their own for that.
        if (client != "nodemailer")
        {
            Assert.Equal("quit", record.GetProperty("final_state").GetString());
            Assert.Empty(record.GetProperty("anomalies").EnumerateArray());
        }

        AssertAddsUp(record);
    }

    [SkippableFact]
    public async Task Relay_BehindAPairOfProxyHeaders_LogsTheTrueClient_AndTakesProbes()
    {
        Server.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            "--SmtpProxy:Listeners:inbound:ProxyProtocol=Required", "--SmtpProxy:Listeners:inbound:ProxyProtocolFrom=127.0.0.0/8",
            "--relay", $"smtp://127.0.0.1:{Server.ProxyPort}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.ProxyProtocol=V2",
            "--ReverseProxy:Clusters:relays:HealthCheck:Active:Enabled=true");
        var header = ProxyHeaderWriter.For(ProxyVersion.V1, IPEndPoint.Parse("203.0.113.201:4711"), IPEndPoint.Parse("198.51.100.25:25"));
        var (client, greeting) = await Cli.MailClient.ConnectAsync(proxy.Listener(), header);
        using (client)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync("EHLO true.example"), StringComparison.Ordinal);
            await client.SayAsync("MAIL FROM:<me@test.example>");
            Assert.StartsWith("250 ", await client.SayAsync("RCPT TO:<a@test.example>"), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        Assert.Equal("203.0.113.201:4711", (await proxy.JournalAsync(1))[0].GetProperty("client").GetString());
        Assert.True(await Server.LogsAsync("203.0.113.201"), Server.Log);
        Assert.Null(await Probed.FailureAsync(proxy));
    }

    [SkippableFact]
    public async Task SystemNetMail_Sends_IsDeliveredAndKnown()
    {
        Server.Require();
        await using var proxy = await StartProxyAsync();
        var before = Server.Delivered.Count;
        using (var client = new System.Net.Mail.SmtpClient(proxy.Listener().Address.ToString(), proxy.Listener().Port))
        using (var message = new System.Net.Mail.MailMessage("me@test.example", "a@test.example", "hello", "from System.Net.Mail\r\n.\r\n"))
        {
            message.To.Add("b@test.example");
            await client.SendMailAsync(message);
        }

        await Server.DeliveredAsync(before + 2);
        var transaction = (await proxy.JournalAsync(1))[0].GetProperty("transactions")[0];
        Assert.Equal("delivered", transaction.GetProperty("outcome").GetString());
        Assert.Equal(2, transaction.GetProperty("accepted").GetInt32());
    }

    [SkippableFact]
    public async Task Recipient_Refused_IsCountedAlikeByMetricsJournalAndRelay()
    {
        Server.Require();
        await using var proxy = await StartProxyAsync();
        var log = Server.Log.Length;
        for (var n = 0; n < 3; n++)
        {
            await MailClient.SendAsync("smtplib", proxy.Listener(), "me@test.example",
                ["a@test.example", "refused@test.example", "b@test.example"], TestMessage.Of("plain"));
        }

        var records = await proxy.JournalAsync(3);
        var metrics = await Metrics.ReadAsync(proxy);
        var rcpt = records.SelectMany(static r => r.GetProperty("exchanges").EnumerateArray())
            .Where(static e => e.GetProperty("verb").GetString() == "RCPT").Select(static e => e.GetProperty("code").GetInt32()).ToArray();
        Assert.Equal(6, rcpt.Count(static code => code == 250));
        Assert.Equal(3, rcpt.Count(static code => code is 550 or 554));
        Assert.Equal(6, metrics.Sum("smtpproxy_replies_total", ("smtp_operation_name", "rcpt"), ("smtp_response_status_code", "250"),
            ("smtpproxy_origin", "relay")));
        Assert.Equal(3, metrics.Sum("smtpproxy_replies_total", ("smtp_operation_name", "rcpt"),
            ("smtp_response_status_code", $"{rcpt.Max()}"), ("smtpproxy_origin", "relay")));
        Assert.Equal(3, metrics.Sum("smtpproxy_transactions_total", ("smtpproxy_outcome", "accepted")));
        Assert.Equal(3, metrics.Sum("smtpproxy_sessions_total", ("smtpproxy_outcome", "quit"), ("smtpproxy_visibility", "tracked")));
        Assert.Equal(records.Sum(static r => r.GetProperty("exchanges").GetArrayLength() + 1), metrics.Sum("smtpproxy_replies_total"));
        foreach (var record in records)
        {
            Assert.Contains(record.GetProperty("transactions")[0].GetProperty("queue_id").GetString()!, Server.Log[log..],
                StringComparison.Ordinal);
        }

        Assert.Equal(3, Refused().Count(Server.Log[log..]));
    }

    /// <summary>Starts a proxy before the relay.</summary>
    protected Task<ProxyProcess> StartProxyAsync(params string[] more) =>
        ProxyProcess.StartAsync(["--relay", $"smtp://127.0.0.1:{Server.Port}", "--addresses", "full", .. more]);

    /// <summary>client + relay + proxy = duration.</summary>
    private static void AssertAddsUp(JsonElement record) => Assert.Equal(
        record.GetProperty("duration_ms").GetDouble(),
        record.GetProperty("client_ms").GetDouble() + record.GetProperty("relay_ms").GetDouble()
            + record.GetProperty("proxy_ms").GetDouble(),
        0.01);

    // One line of each server's log for each refused recipient.
    [GeneratedRegex(
        "NOQUEUE: reject: RCPT.*refused@|[0-9A-F]+: reject: RCPT.*refused@|rejected RCPT <refused@|failed-command .*RCPT TO:<refused@",
        RegexOptions.IgnoreCase)]
    private static partial Regex Refused();
}

/// <summary>Postfix as the relay, and what only it offers.</summary>
public sealed class PostfixTests(Relayed<Postfix> relayed) : RelayTests<Postfix>(relayed)
{
    [SkippableFact]
    public Task Tls_BehindAProxyHeader_ToTheSameRelay_Works() => ProxyHeaderAndTlsAsync();

    [SkippableTheory]
    [InlineData("swaks")]
    [InlineData("mailkit")]
    public async Task StartTls_ThroughTheProxy_WorksUntouchedAndIsOpaque(string client)
    {
        Server.Require();
        await using var proxy = await StartProxyAsync();
        var before = Server.Delivered.Count;

        await (client == "mailkit"
            ? MailClient.MailKitAsync(proxy.Listener(), "me@test.example", ["a@test.example"], TestMessage.Of("plain"),
                SecureSocketOptions.StartTls)
            : MailClient.SwaksAsync(proxy.Listener(), "me@test.example", ["a@test.example"], TestMessage.Of("plain"), "--tls"));

        await Server.DeliveredAsync(before + 1);
        AssertOpaque((await proxy.JournalAsync(1))[0]);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(1, metrics.Sum("smtpproxy_sessions_total", ("smtpproxy_visibility", "opaque_tls")));
    }

    [SkippableFact]
    public async Task StartTls_OfOpenSsl_WorksUntouchedAndIsOpaque()
    {
        Server.Require();
        await using var proxy = await StartProxyAsync();

        var printed = await Command.SucceedAsync(PeerTool.Require("openssl"),
            ["s_client", "-connect", $"{proxy.Listener()}", "-starttls", "smtp", "-crlf", "-quiet", "-ign_eof"], "QUIT\n");

        Assert.Contains("221 2.0.0 Bye", printed, StringComparison.Ordinal);
        AssertOpaque((await proxy.JournalAsync(1))[0]);
    }

    [SkippableFact]
    public async Task XClient_ThroughTheProxy_ReachesPostfixAndIsKnown()
    {
        Server.Require();
        await using var proxy = await StartProxyAsync("--SmtpProxy:Listeners:inbound:XClientFrom=127.0.0.0/8");

        await MailClient.SwaksAsync(proxy.Listener(), "me@test.example", ["a@test.example"], TestMessage.Of("plain"),
            "--xclient-addr", "192.0.2.77", "--xclient-name", "far.test.example");

        await Server.LoggedAsync("client=far.test.example[192.0.2.77]");
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Contains(record.GetProperty("exchanges").EnumerateArray(),
            static e => e.GetProperty("verb").GetString() == "XCLIENT" && e.GetProperty("code").GetInt32() == 220);
        Assert.Equal("delivered", record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
    }

    private static void AssertOpaque(JsonElement record)
    {
        Assert.Equal("starttls", record.GetProperty("tls").GetString());
        Assert.Equal("opaque", record.GetProperty("mode").GetString());
        Assert.Equal("tls", record.GetProperty("final_state").GetString());
        Assert.Empty(record.GetProperty("anomalies").EnumerateArray());
        Assert.Equal(["EHLO", "STARTTLS"], record.GetProperty("exchanges").EnumerateArray()
            .Select(static e => e.GetProperty("verb").GetString()));
    }
}

/// <summary>Exim as the relay.</summary>
public sealed class EximTests(Relayed<Exim> relayed) : RelayTests<Exim>(relayed)
{
    [SkippableFact]
    public Task Tls_BehindAProxyHeader_ToTheSameRelay_Works() => ProxyHeaderAndTlsAsync();
}

/// <summary>OpenSMTPD as the relay.</summary>
public sealed partial class OpenSmtpdTests(Relayed<OpenSmtpd> relayed) : RelayTests<OpenSmtpd>(relayed);
