using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Ends;

/// <summary>How sessions begin and end over real sockets when relay or client do not do what they should.</summary>
public sealed class RelayEndTests
{
    public static TheoryData<string> Transports => OperatingSystem.IsLinux() ? ["Epoll", "Portable"] : ["Portable"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Greeting_ClientSilent_Arrives(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}");
        using var client = Connect(proxy);

        Assert.StartsWith("220 ", await HearLineAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Client_SaysEverythingAndHalfCloses_StillGetsEveryReply(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}");
        for (var n = 0; n < 50; n++)
        {
            using var client = Connect(proxy);
            Assert.StartsWith("220 ", await HearLineAsync(client), StringComparison.Ordinal);
            await client.GetStream()
                .WriteAsync("EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRSET\r\nQUIT\r\n"u8.ToArray());
            client.Client.Shutdown(SocketShutdown.Send);

            var replies = await HearAllAsync(client);

            Assert.EndsWith("221 2.0.0 Bye\r\n", replies, StringComparison.Ordinal);
        }

        Assert.All(await proxy.JournalAsync(50), static record => Assert.Equal("quit", record.GetProperty("outcome").GetString()));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Relay_NobodyListens_ClientGets421WithTheCause(string transport)
    {
        using var dead = Dead();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{dead.LocalEndPoint}",
            $"--SmtpProxy:Transport={transport}");
        using var client = Connect(proxy);

        Assert.Equal("421 4.3.2 Service not available: the relay refused the connection\r\n", await HearAllAsync(client));
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("connect_failed", record.GetProperty("outcome").GetString());
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(1, metrics.Sum("smtpproxy_replies_total", ("smtp_response_status_code", "421"), ("smtpproxy_origin", "proxy")));
        Assert.Equal(0, metrics.Sum("smtpproxy_replies_total", ("smtpproxy_origin", "relay")));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Relay_FirstIsDead_TheOtherServesUnnoticed(string transport)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        using var dead = Dead();
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", $"smtp://{dead.LocalEndPoint}", "--relay", $"smtp://{relay.LocalEndpoint}", $"--SmtpProxy:Transport={transport}");
        for (var n = 0; n < 10; n++)
        {
            using var client = Connect(proxy);
            using var served = await relay.AcceptTcpClientAsync();
            await served.GetStream().WriteAsync("220 the other\r\n"u8.ToArray());

            Assert.Equal("220 the other", await HearLineAsync(client));
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Relay_ResetInMidTransaction_EndsTheClientToo(string transport)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{relay.LocalEndpoint}",
            $"--SmtpProxy:Transport={transport}");
        using var client = Connect(proxy);
        using var served = await relay.AcceptTcpClientAsync();
        await served.GetStream().WriteAsync("220 ready\r\n"u8.ToArray());
        Assert.Equal("220 ready", await HearLineAsync(client));
        await client.GetStream().WriteAsync("MAIL FROM:<a@b.example>\r\n"u8.ToArray());
        Assert.True(await served.GetStream().ReadAsync(new byte[100]) > 0);

        // What the kernel does for a process that is killed with octets unread, and for a crash.
        served.LingerState = new LingerOption(true, 0);
        served.Close();

        var failure = await Assert.ThrowsAnyAsync<IOException>(() => client.GetStream().ReadExactlyAsync(new byte[1]).AsTask());
        Assert.True(failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset }
            || failure is EndOfStreamException);
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("relay_gone", record.GetProperty("outcome").GetString());
        Assert.Contains("missing-reply", record.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString()));
    }

    /// <summary>It was reached, and did not greet: where there is no other relay that is the client's end, too
    /// (docs/transparency.md).</summary>
    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Relay_ResetAtOnce_EndsTheClientTheSameWay(string transport)
    {
        const int sessions = 40;
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{relay.LocalEndpoint}",
            $"--SmtpProxy:Transport={transport}");
        for (var n = 0; n < sessions; n++)
        {
            using var client = new TcpClient();
            var connecting = client.ConnectAsync(proxy.Listener());
            using (var served = await relay.AcceptSocketAsync())
            {
                served.LingerState = new LingerOption(true, 0);
            }

            // The reset may reach the client before this thread sees that it was connected.
            var failure = await Assert.ThrowsAsync<SocketException>(async () =>
            {
                await connecting;
                await HearAllAsync(client);
            });
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        }

        Assert.All(await proxy.JournalAsync(sessions), static record =>
        {
            Assert.Equal("relay_gone", record.GetProperty("outcome").GetString());
            Assert.Equal("relay_hung_up", record.GetProperty("diagnosis").GetProperty("code").GetString());
        });
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Relay_SilentTooLong_ClientGets421(string transport)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{relay.LocalEndpoint}",
            $"--SmtpProxy:Transport={transport}", "--SmtpProxy:Limits:Greeting=00:00:00.2");
        using var client = Connect(proxy);

        Assert.Equal("421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", await HearAllAsync(client));
        Assert.Equal("timeout", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Session_OneTooMany_Gets421AndTheOtherGoesOn(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Limits:MaxSessionsPerClient=1", "--SmtpProxy:Limits:ClientLimitExempt=");
        using var first = Connect(proxy);
        Assert.StartsWith("220 ", await HearLineAsync(first), StringComparison.Ordinal);
        using var second = Connect(proxy);

        Assert.StartsWith("421 4.7.0 Too many sessions from your address", await HearAllAsync(second), StringComparison.Ordinal);
        await first.GetStream().WriteAsync("QUIT\r\n"u8.ToArray());
        Assert.StartsWith("221 ", await HearLineAsync(first), StringComparison.Ordinal);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(1, metrics.Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "sessions_per_client")));
    }

    /// <summary>Bound, and not listening: connections to it are refused, and as long as it is there nobody else gets its port.</summary>
    private static Socket Dead()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static TcpClient Connect(ProxyProcess proxy)
    {
        var client = new TcpClient { ReceiveTimeout = (int)ProxyProcess.Patience.TotalMilliseconds };
        // Not by a task: where no thread is free for it, the proxy's patience with who is one too many may end first.
        client.Connect(proxy.Listener());
        return client;
    }

    private static async Task<string> HearLineAsync(TcpClient client)
    {
        var line = new StringBuilder();
        var octet = new byte[1];
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (await client.GetStream().ReadAsync(octet, patience.Token) == 1 && octet[0] != '\n')
        {
            line.Append((char)octet[0]);
        }

        return line.ToString().TrimEnd('\r');
    }

    private static async Task<string> HearAllAsync(TcpClient client)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        var heard = new StringBuilder();
        var buffer = new byte[4096];
        // From the socket: TcpClient gives no stream any more once it has half-closed.
        while (await client.Client.ReceiveAsync(buffer, patience.Token) is var read and > 0)
        {
            heard.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return heard.ToString();
    }
}
