using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>PROXY headers over real sockets, taken and given, and what a real relay makes of them.</summary>
public sealed class ProxyProtocolTests(Postfix postfix) : IClassFixture<Postfix>
{
    private const string Listener = "--SmtpProxy:Listeners:inbound";
    private const string Cluster = "--ReverseProxy:Clusters:relays";
    private static readonly IPEndPoint Client = IPEndPoint.Parse("203.0.113.77:4711");
    private static readonly IPEndPoint Local = IPEndPoint.Parse("198.51.100.25:25");

    [SkippableTheory]
    [InlineData("epoll", "V1")]
    [InlineData("epoll", "V2")]
    [InlineData("portable", "V1")]
    [InlineData("portable", "V2")]
    public async Task Postfix_BehindTwoHeaders_LogsTheTrueClient_AndProbesAreNobodys(string transport, string version)
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8",
            "--relay", $"smtp://127.0.0.1:{postfix.ProxyPort}", $"{Cluster}:Metadata:Smtp.ProxyProtocol={version}",
            $"{Cluster}:Metadata:Smtp.Probe=StartTls", $"{Cluster}:Metadata:Smtp.TlsVerify=None",
            $"{Cluster}:HealthCheck:Active:Enabled=true", $"{Cluster}:HealthCheck:Active:Interval=00:00:01");
        // The other version than the one that goes on.
        // All of them share Postfix and its log: each has a client of its own.
        var client = IPEndPoint.Parse($"203.0.113.{(transport == "epoll" ? 1 : 2)}{version[^1]}:4711");
        using var caller = await CallAsync(proxy,
            ProxyHeaderWriter.For(version == "V1" ? ProxyVersion.V2 : ProxyVersion.V1, client, Local));
        Assert.Contains("250 2.1.5", await TalkAsync(caller, "EHLO c\r\n", "MAIL FROM:<me@test.example>\r\n",
            "RCPT TO:<a@test.example>\r\n", "QUIT\r\n"), StringComparison.Ordinal);
        Assert.Equal(client.ToString(), (await proxy.JournalAsync(1))[0].GetProperty("client").GetString());
        Assert.Matches($@"smtpd\[\d+\]: connect from unknown\[{client.Address}\]", postfix.Log);
        Assert.DoesNotContain("haproxy read: bad", postfix.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("of cluster relays failed", proxy.Errors.Text, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("--tls", "STARTTLS")]
    [InlineData("--tls-on-connect", "implicit")]
    [InlineData("--quit-after=RCPT", "postscreen")]
    public async Task Postfix_BehindAHeader_InEveryOfItsServices_LogsTheTrueClient(string how, string service)
    {
        postfix.Require();
        var port = service switch { "STARTTLS" => postfix.ProxyPort, "implicit" => postfix.SmtpsProxyPort, _ => postfix.PostscreenPort };
        await using var proxy = await ProxyProcess.StartAsync(
            $"{Listener}:ProxyProtocol=Optional", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8",
            "--relay", $"smtp://127.0.0.1:{port}", $"{Cluster}:Metadata:Smtp.ProxyProtocol=V2");
        var client = service switch { "STARTTLS" => "203.0.114.1", "implicit" => "203.0.114.2", _ => "203.0.114.3" };
        await Command.SucceedAsync(PeerTool.Require("swaks"),
            ["--server", $"127.0.0.1:{proxy.Listener().Port}", how, "--to", "a@test.example", "--from", "me@test.example",
             "--proxy", $"TCP4 {client} 198.51.100.25 4711 25"]);
        Assert.Equal($"{client}:4711", (await proxy.JournalAsync(1))[0].GetProperty("client").GetString());
        Assert.True(await postfix.LogsAsync($"disconnect from unknown[{client}]"), postfix.Log);
        Assert.Equal(service == "postscreen",
            postfix.Log.Contains($"CONNECT from [{client}]:4711 to [198.51.100.25]:25", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Probe_OfPostfixByStartTls_KnowsItsTlsAndItsCertificate()
    {
        postfix.Require();
        // Proxies of other tests are killed, and leave it in the middle of a question.
        var before = postfix.Log.Length;
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://127.0.0.1:{postfix.Port}",
            $"{Cluster}:Metadata:Smtp.Probe=StartTls", $"{Cluster}:Metadata:Smtp.TlsVerify=None",
            $"{Cluster}:HealthCheck:Active:Enabled=true", $"{Cluster}:HealthCheck:Active:Interval=00:00:01");
        var probe = (await Probed.RelayAsync(proxy)).GetProperty("probe");
        Assert.Equal((null, "Tls13"), (probe.GetProperty("failure").GetString(), probe.GetProperty("tls").GetString()));
        Assert.InRange(probe.GetProperty("certificateExpires").GetDateTimeOffset(), DateTimeOffset.UtcNow,
            DateTimeOffset.UtcNow.AddDays(3));
        Assert.DoesNotContain("lost connection", postfix.Log[before..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Header_AtEverySplit_IsTaken_AndTheRelayGetsItsOwnFirst(string transport)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.1",
            "--relay", $"smtp://{relay.LocalEndpoint}", $"{Cluster}:Metadata:Smtp.ProxyProtocol=V1");
        byte[] said = [.. ProxyHeaderWriter.For(ProxyVersion.V2, Client, Local), .. "QUIT\r\n"u8];
        for (var split = 1; split < said.Length; split++)
        {
            using var caller = new TcpClient { NoDelay = true };
            await caller.ConnectAsync(proxy.Listener());
            await caller.GetStream().WriteAsync(said.AsMemory(0, split));
            await caller.GetStream().WriteAsync(said.AsMemory(split));
            using var served = await relay.AcceptTcpClientAsync().WaitAsync(ProxyProcess.Patience);
            using var heard = new StreamReader(served.GetStream(), Encoding.Latin1);
            Assert.Equal("PROXY TCP4 203.0.113.77 198.51.100.25 4711 25", await heard.ReadLineAsync());
            Assert.Equal("QUIT", await heard.ReadLineAsync());
            await served.GetStream().WriteAsync("220 mx\r\n221 bye\r\n"u8.ToArray());
            served.Client.Shutdown(SocketShutdown.Send);
            using var answers = new StreamReader(caller.GetStream(), Encoding.Latin1);
            Assert.Equal("220 mx\r\n221 bye\r\n", await answers.ReadToEndAsync());
        }
    }

    /// <summary>A relay that believes such headers would take the client for whom it says.</summary>
    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Header_FromElsewhereWhereItIsOptional_ClosesTheConnection_AndOthersAreServedAtOnce(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Optional", $"{Listener}:ProxyProtocolFrom=192.0.2.1",
            $"{Listener}:ProxyProtocolTimeout=00:05:00");
        foreach (var version in (ProxyVersion[])[ProxyVersion.V1, ProxyVersion.V2])
        {
            using var caller = await CallAsync(proxy, [.. ProxyHeaderWriter.For(version, Client, Local), .. "QUIT\r\n"u8]);
            Assert.DoesNotContain("221", await TalkAsync(caller), StringComparison.Ordinal);
        }

        Assert.Equal(2, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "proxy_header")));
        using var good = await CallAsync(proxy, []);
        Assert.StartsWith("220 ", await TalkAsync(good, "QUIT\r\n"), StringComparison.Ordinal);
        Assert.All(await proxy.JournalAsync(3), static record => Assert.StartsWith("127.0.0.1:", record.GetProperty("client").GetString(),
            StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Connection_WithABadHeader_IsClosedAndCountedAndTold_AndTheNextIsServed(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.1",
            $"{Listener}:ProxyProtocolTimeout=00:00:00.5");
        foreach (var bad in (string[])["EHLO x\r\n", "PROXY TCP4 1.2.3.4\r\n", "\r\n\r\n\0\r\nQUIT\nZZZZ", "PROXY TCP4 ", ""])
        {
            using var caller = await CallAsync(proxy, Encoding.Latin1.GetBytes(bad));
            Assert.Equal("", await TalkAsync(caller));
        }

        Assert.Equal(5, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "proxy_header")));
        await proxy.Errors.AwaitAsync(static l =>
            l.Contains("Listener inbound closed a connection from 127.0.0.1:", StringComparison.Ordinal));
        using var good = await CallAsync(proxy, ProxyHeaderWriter.For(ProxyVersion.V1, Client, Local));
        Assert.StartsWith("220 ", await TalkAsync(good, "QUIT\r\n"), StringComparison.Ordinal);
        var record = Assert.Single(await proxy.JournalAsync(1));
        Assert.Equal(Client.ToString(), record.GetProperty("client").GetString());
    }

    private static async Task<TcpClient> CallAsync(ProxyProcess proxy, byte[] first)
    {
        var caller = new TcpClient();
        await caller.ConnectAsync(proxy.Listener());
        await caller.GetStream().WriteAsync(first);
        return caller;
    }

    /// <summary>Says one line after each reply, and answers everything that was heard.</summary>
    private static async Task<string> TalkAsync(TcpClient caller, params string[] lines)
    {
        var heard = new StringBuilder();
        using var reader = new StreamReader(caller.GetStream(), Encoding.Latin1);
        var next = 0;
        try
        {
            while (await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience) is { } line)
            {
                heard.AppendLine(line);
                if (line[3] == ' ' && next < lines.Length)
                {
                    await caller.GetStream().WriteAsync(Encoding.Latin1.GetBytes(lines[next++]));
                }
            }
        }
        catch (IOException)
        {
            // Reset.
        }

        return heard.ToString();
    }
}
