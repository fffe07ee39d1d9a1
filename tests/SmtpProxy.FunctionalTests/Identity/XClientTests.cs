using System.Net;
using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>Postfix told by XCLIENT who the client is.</summary>
public sealed class XClientTests(Postfix postfix) : IClassFixture<Postfix>
{
    private const string Listener = "--SmtpProxy:Listeners:inbound";
    private const string Cluster = "--ReverseProxy:Clusters:relays";

    [SkippableTheory]
    [InlineData("epoll", "203.0.113.9")]
    [InlineData("portable", "203.0.113.10")]
    [InlineData("epoll", "2001:db8::9")]
    public async Task Postfix_ToldByXClient_LogsTheTrueClient_AndTheClientNoticesNothing(string transport, string address)
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8",
            "--relay", $"smtp://127.0.0.1:{postfix.Port}", $"{Cluster}:Metadata:Smtp.XClient=true");
        var client = new IPEndPoint(IPAddress.Parse(address), 4711);
        var header = ProxyHeaderWriter.For(ProxyVersion.V2, client, new IPEndPoint(client.Address, 25));
        var (caller, greeting) = await MailClient.ConnectAsync(proxy.Listener(), header);
        using (caller)
        {
            Assert.StartsWith("220 mx.test.example", greeting, StringComparison.Ordinal);
            Assert.StartsWith("250 ", await caller.SayAsync("EHLO true.example"), StringComparison.Ordinal);
            await caller.SayAsync("MAIL FROM:<me@test.example>");
            // Not from a network of Postfix's own any more: only its own domain is taken.
            Assert.StartsWith("554 5.7.1", await caller.SayAsync("RCPT TO:<a@elsewhere.example>"), StringComparison.Ordinal);
            Assert.StartsWith("250 2.1.5", await caller.SayAsync("RCPT TO:<a@test.example>"), StringComparison.Ordinal);
            await caller.SayAsync("DATA");
            Assert.StartsWith("250 2.0.0", await caller.SayAsync("Subject: x\r\n\r\nhi\r\n."), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await caller.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal(220, record.GetProperty("xclient").GetProperty("code").GetInt32());
        Assert.Equal(client.ToString(), record.GetProperty("client").GetString());
        var queueId = record.GetProperty("transactions")[0].GetProperty("queue_id").GetString();
        await postfix.LoggedAsync($"{queueId}: client=unknown[{address}]");
        await postfix.LoggedAsync($"from unknown[{address}]");
    }

    /// <summary>STARTTLS first: the relay would forget what it was told in the clear (RFC 3207, section 4.2).</summary>
    [SkippableTheory]
    [InlineData("epoll", "smtp", "203.0.113.11")]
    [InlineData("portable", "smtps", "203.0.113.12")]
    public async Task Postfix_ToldByXClientOverTlsOfTheProxy_LogsTheTrueClient(string transport, string scheme, string address)
    {
        postfix.Require();
        using var made = new TestCertificates();
        await using var proxy = await ProxyProcess.StartAsync(
        [
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8",
            $"{Listener}:Tls:Mode=StartTls", .. made.Good().Arguments("inbound"),
            "--relay", $"{scheme}://127.0.0.1:{(scheme == "smtp" ? postfix.Port : postfix.SmtpsPort)}",
            $"{Cluster}:Metadata:Smtp.XClient=true", $"{Cluster}:Metadata:Smtp.Tls=Required", $"{Cluster}:Metadata:Smtp.TlsVerify=None",
        ]);
        var client = new IPEndPoint(IPAddress.Parse(address), 4711);
        var (caller, greeting) = await MailClient.ConnectAsync(proxy.Listener(),
            ProxyHeaderWriter.For(ProxyVersion.V2, client, new IPEndPoint(client.Address, 25)));
        using (caller)
        {
            Assert.StartsWith("220 mx.test.example", greeting, StringComparison.Ordinal);
            Assert.StartsWith("250 ", await caller.SayAsync("EHLO true.example"), StringComparison.Ordinal);
            await caller.SayAsync("MAIL FROM:<me@test.example>");
            Assert.StartsWith("554 5.7.1", await caller.SayAsync("RCPT TO:<a@elsewhere.example>"), StringComparison.Ordinal);
            Assert.StartsWith("250 2.1.5", await caller.SayAsync("RCPT TO:<a@test.example>"), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await caller.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal(220, record.GetProperty("xclient").GetProperty("code").GetInt32());
        Assert.Equal("1.3", record.GetProperty("tls_relay").GetProperty("version").GetString());
        await postfix.LoggedAsync($"from unknown[{address}]");
    }

    /// <summary>Postfix goes on believing the proxy's address: inside TLS that nobody sees, a client could
    /// introduce itself again.</summary>
    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Postfix_ToldByXClient_OffersNoTlsThatPassesThrough(string transport)
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", $"smtp://127.0.0.1:{postfix.Port}", $"{Cluster}:Metadata:Smtp.XClient=true", $"--SmtpProxy:Transport={transport}");
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            var offered = await client.SayAsync("EHLO client.example");
            Assert.DoesNotContain("STARTTLS", offered, StringComparison.OrdinalIgnoreCase);
            Assert.StartsWith("502 5.5.1", await client.SayAsync("STARTTLS"), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync("MAIL FROM:<me@test.example>"), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Postfix_WithoutIPv6_GetsNoClientThatHasIt_AndServesTheOthers(string transport)
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8",
            "--relay", $"smtp://127.0.0.1:{postfix.IPv4Port}", $"{Cluster}:Metadata:Smtp.XClient=true");
        // More than it takes to lose a relay that fails.
        for (var n = 0; n < 5; n++)
        {
            var (refused, why) = await MailClient.ConnectAsync(proxy.Listener(), HeaderOf("2001:db8::66"));
            using (refused)
            {
                Assert.Equal("421 4.3.2 Service not available: the relay could not be told who the client is", why);
                await refused.SendAsync("XCLIENT ADDR=127.0.0.1 LOGIN=admin");
                Assert.Null(await refused.ReplyAsync());
            }
        }

        var (served, greeting) = await MailClient.ConnectAsync(proxy.Listener(), HeaderOf("203.0.113.14"));
        using (served)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            await served.SayAsync("QUIT");
        }

        Assert.DoesNotContain("ADDR=127.0.0.1", postfix.Log, StringComparison.Ordinal);
        Assert.Single(proxy.Errors.SoFar, static line => line.Contains("the relay answers XCLIENT with 501", StringComparison.Ordinal));
        Assert.Equal(501, (await proxy.JournalAsync(1))[0].GetProperty("xclient").GetProperty("code").GetInt32());
    }

    [SkippableFact]
    public async Task Postfix_ThatTurnsTheTrueClientAway_IsHeardByIt()
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8",
            "--relay", $"smtp://127.0.0.1:{postfix.EarlyPort}", $"{Cluster}:Metadata:Smtp.XClient=true");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener(), HeaderOf("203.0.113.66"));
        client.Dispose();
        Assert.StartsWith("554 5.7.1 <unknown[203.0.113.66]>", greeting, StringComparison.Ordinal);
        Assert.Equal("refused", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
    }

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Client_OfAUnixSocket_IsIntroducedToNobody(string transport)
    {
        postfix.Require();
        var path = Path.Combine(Path.GetTempPath(), $"smtpproxy-{Guid.NewGuid():N}");
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", "--listen", $"unix:{path}", "--relay", $"smtp://127.0.0.1:{postfix.Port}",
            $"{Cluster}:Metadata:Smtp.XClient=true");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        var said = await new StreamReader(new NetworkStream(socket)).ReadToEndAsync().WaitAsync(ProxyProcess.Patience);
        Assert.StartsWith("421 4.3.2 ", said, StringComparison.Ordinal);
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("the client has no IP address that the relay could be told", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Relay_WithoutXClient_GetsNoSession_AndTheLogSaysSoOnce()
    {
        await using var proxy = await ProxyProcess.StartAsync($"{Cluster}:Metadata:Smtp.XClient=true");
        for (var n = 0; n < 2; n++)
        {
            var (caller, greeting) = await MailClient.ConnectAsync(proxy.Listener());
            using (caller)
            {
                Assert.StartsWith("421 4.3.2 ", greeting, StringComparison.Ordinal);
            }
        }

        await proxy.JournalAsync(2);
        // The console's log is written by a thread of its own.
        await proxy.Errors.AwaitAsync(Says);
        Assert.Single(proxy.Errors.SoFar, Says);

        static bool Says(string line) => line.Contains("the relay does not offer XCLIENT to this proxy", StringComparison.Ordinal);
    }

    /// <summary>An LMTP server knows no EHLO (RFC 2033 4.1).</summary>
    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Relay_ThatSpeaksLmtp_IsToldByXClient_WhereTheConfigurationSaysSo(string transport)
    {
        await using var relay = new TrustingRelay(isLmtp: true, "PIPELINING", "XCLIENT ADDR PORT");
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", "--relay", relay.Address, $"{Cluster}:Metadata:Smtp.XClient=true",
            $"{Cluster}:Metadata:Smtp.Protocol=Lmtp",
            $"{Cluster}:Metadata:Smtp.Name=proxy.example", $"{Cluster}:Metadata:Smtp.AskAtStart=false");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.Equal("220 relay.example again", greeting);
            Assert.Equal("250 PIPELINING", await client.SayAsync("LHLO client.example"));
            Assert.StartsWith("221", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal((220, "lmtp"), (record.GetProperty("xclient").GetProperty("code").GetInt32(),
            record.GetProperty("protocol").GetString()));
        Assert.Equal("LHLO proxy.example", relay.Heard[0]);
        Assert.StartsWith("XCLIENT ADDR=127.0.0.1 PORT=", relay.Heard[1], StringComparison.Ordinal);
        Assert.Equal(["LHLO client.example", "QUIT"], relay.Heard[2..]);
    }

    private static byte[] HeaderOf(string client) =>
        ProxyHeaderWriter.For(ProxyVersion.V2, new IPEndPoint(IPAddress.Parse(client), 4711), new IPEndPoint(IPAddress.Parse(client), 25));
}
