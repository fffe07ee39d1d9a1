using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Guard;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Memory;

/// <summary>The proxy in a heap of 64 MiB, whose runtime ends it when it needs more: as many clients as it lets in, and then all their
/// relays stop reading at once.</summary>
[Collection(nameof(Crowded))]
public sealed class StalledRelayTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Nearly all that such a heap has places for: one for each 128 KiB.</summary>
    private const int Clients = 500;

    private const string Listener = "--SmtpProxy:Listeners:inbound";

    /// <summary>For each client, far more than the kernel's buffers of a session hold.</summary>
    private const int Chunks = 512;

    /// <summary>Looks at what is taken, after which it is believed that nothing more will be.</summary>
    private const int Looks = 200;

    private static readonly byte[] Chunk = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('y', 62) + "\r\n", 512)));
    private readonly TestCertificates _made = new();
    private long _taken;

    public void Dispose() => _made.Dispose();

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Relays_ThatAllStallAfterTheirSessionsWereLetIn_LeaveTheProxyAlive_AndOthersAreServed(string transport)
    {
        using var relay = new StalledRelay();
        await using var proxy = await ProxyProcess.StartAsync(static _ => { },
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x4000000" },
        [
            "--relay", relay.Address, $"--SmtpProxy:Transport={transport}", $"{Listener}:Tls:Mode=Implicit",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None",
            .. _made.Good().Arguments("inbound"),
        ]);
        var memory = new ProcessMemory(proxy);
        memory.Require(2 * Clients);
        var sockets = new List<TcpClient>();
        try
        {
            var bystander = await AskAsync(proxy, sockets, "NOOP\r\n");
            var callers = new List<Caller>();
            for (var n = 0; n < Clients; n++)
            {
                var caller = await AskAsync(proxy, sockets, "MAIL FROM:<a@example.org>\r\n");
                Assert.StartsWith("250 ", await caller.SayAsync("RCPT TO:<b@example.org>\r\n"), StringComparison.Ordinal);
                Assert.StartsWith("354 ", await caller.SayAsync("DATA\r\n"), StringComparison.Ordinal);
                callers.Add(caller);
            }

            using var http = new HttpClient { BaseAddress = proxy.Admin, Timeout = ProxyProcess.Patience };
            callers.ForEach(caller => _ = PushAsync(caller));
            for (var (same, last) = (0, 0L); same < Looks; same = last == Interlocked.Read(ref _taken) ? same + 1 : 0,
                last = Interlocked.Read(ref _taken))
            {
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode);
            }

            Assert.StartsWith("250 ", await bystander.SayAsync("NOOP\r\n"), StringComparison.Ordinal);
            Assert.InRange(Interlocked.Read(ref _taken), 1, (Clients * (long)Chunks * Chunk.Length) - 1);
            output.WriteLine($"{transport}: {Interlocked.Read(ref _taken) >> 20} MiB taken, {memory.PeakResident >> 20} MiB at the peak");
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }

        relay.Resume();
        await Eventually.Async(async () =>
        {
            try
            {
                List<TcpClient> one = [];
                await AskAsync(proxy, one, "NOOP\r\n");
                one.ForEach(static socket => socket.Dispose());
                return true;
            }
            catch (Exception e) when (e is IOException or Xunit.Sdk.XunitException)
            {
                // Turned away, and one of too many to be waited for.
                return false;
            }
        }, "nobody is served again", () => relay.Read);
        var metrics = await Metrics.ReadAsync(proxy);
        output.WriteLine(string.Join('\n', metrics.Text.Split('\n')
            .Where(static line => line.StartsWith("smtpproxy_limits_hit", StringComparison.Ordinal)
                && !line.EndsWith(" 0", StringComparison.Ordinal))));
        Assert.DoesNotContain("OutOfMemory", proxy.Errors.Text, StringComparison.Ordinal);
    }

    private static async Task<Caller> AskAsync(ProxyProcess proxy, List<TcpClient> sockets, string command)
    {
        var tcp = new TcpClient { NoDelay = true };
        sockets.Add(tcp);
        await tcp.ConnectAsync(proxy.Listener()).WaitAsync(ProxyProcess.Patience);
        var caller = new Caller(tcp.GetStream());
        await caller.SecureAsync();
        Assert.StartsWith("220 ", await caller.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await caller.SayAsync(command), StringComparison.Ordinal);
        return caller;
    }

    /// <summary>Sends as long as it is taken.</summary>
    private async Task PushAsync(Caller caller)
    {
        try
        {
            for (var n = 0; n < Chunks; n++)
            {
                await caller.SendAsync(Chunk);
                Interlocked.Add(ref _taken, Chunk.Length);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
