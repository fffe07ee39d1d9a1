using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>Octets whose meaning depends on a reply go on before it, also where TLS ends at the proxy; and ends pass after them.</summary>
public sealed class HeldOctetsTests(Postfix postfix) : IClassFixture<Postfix>, IDisposable
{
    private const string Listener = "--SmtpProxy:Listeners:inbound";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [SkippableTheory]
    [InlineData("epoll", "Implicit")]
    [InlineData("portable", "Implicit")]
    [InlineData("epoll", "StartTls")]
    [InlineData("epoll", "Passthrough")]
    public async Task Client_ThatTalksAheadOfTheReplyToData_IsSeenByPostfix_AndItsMailRefused(string transport, string mode)
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(Arguments($"smtp://127.0.0.1:{postfix.WaryPort}", transport, mode));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(proxy.Listener());
        using var caller = await GreetedAsync(tcp, mode);
        await caller.SayAsync("EHLO client.example\r\n");
        Assert.StartsWith("250", await caller.SayAsync("MAIL FROM:<ahead@test.example>\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("250", await caller.SayAsync("RCPT TO:<a@test.example>\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("503 5.5.0", await caller.SayAsync("DATA\r\nSubject: ahead\r\n\r\nhi\r\n.\r\nQUIT\r\n"),
            StringComparison.Ordinal);
        await caller.RestAsync();
        tcp.Close();
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("tracked", record.GetProperty("mode").GetString());
        Assert.DoesNotContain("delivered", record.GetProperty("transactions").ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("epoll", "Implicit", "AUTH LOGIN\r\nYQ==\r\n")]
    [InlineData("portable", "Implicit", "AUTH LOGIN\r\nYQ==\r\n")]
    [InlineData("epoll", "StartTls", "AUTH LOGIN\r\nYQ==\r\n")]
    [InlineData("portable", "Passthrough", "AUTH LOGIN\r\nYQ==\r\n")]
    [InlineData("epoll", "StartTls", "NOOP\r\nSTAR")]
    [InlineData("portable", "StartTls", "NOOP\r\nSTAR")]
    [InlineData("epoll", "Implicit", "DATA\r\nXCL")]
    public async Task Client_ThatEnds_AndRelayThatEnds_LeaveNoSessionOpen_AndNothingIsLost(string transport, string mode, string said)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync(Arguments($"smtp://{relay.LocalEndpoint}", transport, mode));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(proxy.Listener());
        var accepting = relay.AcceptTcpClientAsync();
        var greeting = GreetedAsync(tcp, mode);
        using var behind = await accepting.WaitAsync(ProxyProcess.Patience);
        await behind.GetStream().WriteAsync("220 mx\r\n"u8.ToArray());
        using var caller = await greeting;
        await caller.SendAsync(said);
        await caller.EndAsync(tcp.Client);
        using var toRelay = new Caller(behind.GetStream());
        var first = await toRelay.ReadAsync(said.Length - (said.EndsWith("XCL", StringComparison.Ordinal) ? 3 : 0));
        behind.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(said, first + await toRelay.RestAsync());
        await caller.RestAsync();
        Assert.NotEqual("timeout", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
    }

    private static async Task<Caller> GreetedAsync(TcpClient tcp, string mode)
    {
        var caller = new Caller(tcp.GetStream());
        if (mode == "Implicit")
        {
            await caller.SecureAsync();
        }

        Assert.StartsWith("220 ", await caller.ReplyAsync(), StringComparison.Ordinal);
        return caller;
    }

    private string[] Arguments(string relay, string transport, string mode) =>
    [
        "--relay", relay, $"--SmtpProxy:Transport={transport}",
        .. mode == "Passthrough" ? [] : new[] { $"{Listener}:Tls:Mode={mode}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None" },
        .. mode == "Passthrough" ? [] : _made.Good().Arguments("inbound"),
    ];
}
