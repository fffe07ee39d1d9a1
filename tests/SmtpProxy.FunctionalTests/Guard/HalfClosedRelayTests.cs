using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>A relay that has said its last word and still listens gets all that its client sends, also where
/// something is guarded (law 4).</summary>
public sealed class HalfClosedRelayTests : IDisposable
{
    /// <summary>More than waits for a reply.</summary>
    private const int Bound = 16 * 1024;

    private const string Listener = "--SmtpProxy:Listeners:inbound";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll", "Implicit")]
    [InlineData("portable", "Implicit")]
    [InlineData("epoll", "StartTls")]
    [InlineData("portable", "StartTls")]
    [InlineData("epoll", "Passthrough")]
    [InlineData("portable", "Passthrough")]
    public async Task Message_SentAheadOfAReplyThatNeverComes_ReachesTheRelayWhole(string transport, string mode)
    {
        using var listening = new TcpListener(IPAddress.Loopback, 0);
        listening.Start();
        await using var proxy = await ProxyProcess.StartAsync(
        [
            "--relay", $"smtp://{listening.LocalEndpoint}", $"--SmtpProxy:Transport={transport}",
            .. mode == "Passthrough" ? []
            : new[] { $"{Listener}:Tls:Mode={mode}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None" },
            .. mode == "Passthrough" ? [] : _made.Good().Arguments("inbound"),
        ]);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(proxy.Listener());
        var accepting = listening.AcceptTcpClientAsync();
        using var caller = new Caller(tcp.GetStream());
        var secured = mode == "Implicit" ? caller.SecureAsync() : Task.CompletedTask;
        using var relay = await accepting.WaitAsync(ProxyProcess.Patience);
        await relay.GetStream().WriteAsync("220 mx\r\n"u8.ToArray());
        await secured;
        Assert.Equal("220 mx\n", await caller.ReplyAsync());
        if (mode == "StartTls")
        {
            Assert.StartsWith("220 ", await caller.SayAsync("STARTTLS\r\n"), StringComparison.Ordinal);
            await caller.SecureAsync();
        }

        // What is said of the words passes, and so does a line without end.
        var said = new StringBuilder("DATA\r\n").Insert(6, "Subject: x\r\nWhat XCLIENT does.\r\nXCLIENTS\r\n.\r\n", 12_000)
            .Append('y', 200_000).ToString();
        using var toRelay = new Caller(relay.GetStream());
        var sending = caller.SendAsync(said);
        var first = await toRelay.ReadAsync(Bound + 1);
        relay.Client.Shutdown(SocketShutdown.Send);
        var rest = toRelay.RestAsync();
        await sending.WaitAsync(ProxyProcess.Patience);
        await caller.EndAsync(tcp.Client);
        var heard = first + await rest;
        Assert.Equal(said.Length, heard.Length);
        Assert.Equal(said, heard);
        await caller.RestAsync();
        Assert.Equal("relay_gone", (await proxy.JournalAsync(1))[0].GetProperty("outcome").GetString());
    }
}
