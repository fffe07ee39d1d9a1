using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>Much mail over encrypted legs: two proxies in a row, the first with TLS towards its relay, the second with
/// TLS towards its client.</summary>
public sealed class BulkTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll", false)]
    [InlineData("epoll", true)]
    [InlineData("portable", false)]
    [InlineData("portable", true)]
    public async Task Message_OfManyMegabytes_OverTwoEncryptedLegs_ArrivesWholeAndIsCounted(string transport, bool byChunks)
    {
        const int Lines = 20_000;
        await using var inner = await ProxyProcess.StartAsync(
            ["--SmtpProxy:Listeners:inbound:Tls:Mode=Implicit", .. _made.Good().Arguments("inbound"),
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None", $"--SmtpProxy:Transport={transport}"]);
        await using var outer = await ProxyProcess.StartAsync(
            "--relay", $"smtps://{inner.Listener()}", $"--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsCa={_made.Ca}",
            $"--SmtpProxy:Transport={transport}");
        var (client, _) = await Cli.MailClient.ConnectAsync(outer.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.example");
            await client.SayAsync("MAIL FROM:<me@example.org>");
            await client.SayAsync("RCPT TO:<you@example.org>");
            var line = new string('x', 998);
            if (byChunks)
            {
                await client.SendAsync($"BDAT {(long)Lines * (line.Length + 2)} LAST");
            }
            else
            {
                Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
            }

            for (var n = 0; n < Lines; n++)
            {
                await client.SendAsync(line);
            }

            Assert.StartsWith("250 ", byChunks ? await client.ReplyAsync() : await client.SayAsync("."), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        foreach (var proxy in (ProxyProcess[])[outer, inner])
        {
            var record = (await proxy.JournalAsync(1))[0];
            Assert.Equal(Lines * 1000L, record.GetProperty("transactions")[0].GetProperty("message_octets").GetInt64());
            Assert.Equal("quit", record.GetProperty("final_state").GetString());
            Assert.Equal("quit", record.GetProperty("outcome").GetString());
        }
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Relay_ThatReadsLate_BehindAnEncryptedClient_GetsEveryOctetInOrder(string transport)
    {
        using var relay = new TcpListener(System.Net.IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync(
            ["--relay", $"smtp://{relay.LocalEndpoint}", "--SmtpProxy:Listeners:inbound:Tls:Mode=Implicit",
                .. _made.Good().Arguments("inbound"),
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None", $"--SmtpProxy:Transport={transport}"]);
        var accepting = relay.AcceptTcpClientAsync();
        var connecting = SecuredClient.ConnectAsync(proxy.Listener(), isImplicit: true);
        using var behind = await accepting;
        var stream = behind.GetStream();
        await stream.WriteAsync("220 slow.example\r\n"u8.ToArray());
        await using var client = await connecting;
        await client.SendAsync("EHLO client.example\r\n");
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("EHLO client.example", await reader.ReadLineAsync());
        await stream.WriteAsync("250-slow.example\r\n250 CHUNKING\r\n"u8.ToArray());
        await client.ReplyAsync();
        const int Lines = 16_000;
        var line = new string('y', 998) + "\r\n";
        await client.SendAsync($"MAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\nBDAT {Lines * line.Length} LAST\r\n");
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sending = Task.Run(async () =>
        {
            for (var n = 0; n < Lines; n++)
            {
                if (n == 2_500)
                {
                    underWay.SetResult();
                }

                await client.SendAsync(line);
            }
        });
        // More than the first megabytes are on their way before anybody reads: the kernels do not take them all.
        await underWay.Task;
        Assert.StartsWith("MAIL", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("RCPT", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("BDAT", await reader.ReadLineAsync(), StringComparison.Ordinal);
        for (var n = 0; n < Lines; n++)
        {
            Assert.Equal(998, (await reader.ReadLineAsync())!.Length);
        }

        await sending;
        await stream.WriteAsync("250 ok\r\n250 ok\r\n250 ok\r\n"u8.ToArray());
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal("250 ok\n", await client.ReplyAsync());
        }
    }
}
