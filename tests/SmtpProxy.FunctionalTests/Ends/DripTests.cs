using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Ends;

/// <summary>Peers that send an octet now and then, for ever: it must not buy them time.</summary>
public sealed class DripTests
{
    private const string Destinations = "--ReverseProxy:Clusters:relays:Destinations";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Relay_DrippingItsGreeting_IsLeftForTheNext(string transport)
    {
        await using var good = await ProxyProcess.StartAsync();
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        var dripping = DripAsync(relay, "220 mx.example.org has all the time in the world");
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", $"smtp://{relay.LocalEndpoint}", $"{Destinations}:zz:Address=smtp://{good.Listener()}",
            "--ReverseProxy:Clusters:relays:LoadBalancingPolicy=FirstAlphabetical", $"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Limits:Greeting=00:00:02");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.StartsWith("220 sink", greeting, StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        await dripping.WaitAsync(ProxyProcess.Patience);
        Assert.Equal("zz", (await proxy.JournalAsync(1))[0].GetProperty("destination").GetString());
    }

    [Theory]
    [InlineData("epoll", "", "x", "Command=00:00:02", "command_timeout")]
    [InlineData("portable", "", "x", "Command=00:00:02", "command_timeout")]
    [InlineData("epoll", "EHLO c.example|AUTH LOGIN", "x", "Command=00:00:02", "command_timeout")]
    [InlineData("epoll", "HELO c.example|MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA", "x", "DataBlock=00:00:02,MinDataRate=100",
        "slow_data")]
    [InlineData("portable", "HELO c.example|MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|DATA", "\r\n",
        "DataBlock=00:00:02,MinDataRate=100", "slow_data")]
    [InlineData("epoll", "HELO c.example|MAIL FROM:<a@b.example>|RCPT TO:<c@d.example>|BDAT 1000000 LAST\r\nx", "x",
        "DataBlock=00:00:02,MinDataRate=100", "slow_data")]
    public async Task Client_Dripping_IsToldSoAndClosed(string transport, string said, string octets, string limits, string limit)
    {
        await using var proxy = await ProxyProcess.StartAsync([$"--SmtpProxy:Transport={transport}",
            .. limits.Split(',').Select(static l => $"--SmtpProxy:Limits:{l}")]);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(proxy.Listener());
        await using var stream = tcp.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1, false, 1024, leaveOpen: true);
        Assert.StartsWith("220 ", await reader.ReadLineAsync(), StringComparison.Ordinal);
        foreach (var line in said.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(line.Contains('\n') ? line : line + "\r\n"));
            if (!line.Contains('\n'))
            {
                string? reply;
                do
                {
                    reply = await reader.ReadLineAsync();
                    Assert.Matches("^[23]", reply);
                }
                while (reply![3] == '-');
            }
        }

        var told = reader.ReadToEndAsync();
        while (!told.IsCompleted)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(octets));
            await Task.WhenAny(told, Task.Delay(Pause));
        }

        Assert.StartsWith("421 4.4.2 Timeout: no command or data in time", await told, StringComparison.Ordinal);
        Assert.Equal("timeout", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
        Assert.Equal(1, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", limit)));
    }

    private static async Task DripAsync(TcpListener relay, string text)
    {
        using var peer = await relay.AcceptSocketAsync().WaitAsync(ProxyProcess.Patience);
        try
        {
            for (var n = 0; ; n++)
            {
                await peer.SendAsync(Encoding.Latin1.GetBytes(text[(n % text.Length)..][..1]));
                await Task.Delay(Pause);
            }
        }
        catch (SocketException)
        {
            // It was left.
        }
    }
}
