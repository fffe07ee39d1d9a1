using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>Connections that are established in the listener's queue while the proxy cannot accept them.</summary>
[Collection(nameof(Alone))]
public sealed class QueuedConnectionTests
{
    private const int Stop = 19, Continue = 18;

    /// <summary>The kernel counts in steps of up to 10 ms.</summary>
    private const double Step = 10;

    [Theory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Session_OfAClientThatConnectedWhileTheProxyStoodStill_BeganThenAndTheProxyIsCharged(string transport)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        await using var proxy = await ProxyProcess.StartAloneAsync("--SmtpProxy:Transport", transport);
        proxy.Signal(Stop);
        await Eventually.Async(() => Task.FromResult(IsStopped(proxy.Id)), "the process goes on");
        using var client = new TcpClient();
        await client.ConnectAsync(proxy.Listener());
        var connected = Stopwatch.GetTimestamp();
        using (var waits = new PeriodicTimer(TimeSpan.FromMilliseconds(200)))
        {
            await waits.WaitForNextTickAsync();
        }

        var waited = Stopwatch.GetElapsedTime(connected).TotalMilliseconds;
        proxy.Signal(Continue);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.StartsWith("220", await reader.ReadLineAsync(), StringComparison.Ordinal);
        await client.GetStream().WriteAsync("QUIT\r\n"u8.ToArray());
        Assert.StartsWith("221", await reader.ReadLineAsync(), StringComparison.Ordinal);

        var line = Assert.Single(await proxy.JournalAsync(1));
        Assert.InRange(line.GetProperty("proxy_ms").GetDouble(), waited - Step, double.MaxValue);
        Assert.InRange(line.GetProperty("duration_ms").GetDouble(), waited - Step, double.MaxValue);
    }

    private static bool IsStopped(int process) =>
        File.ReadAllText($"/proc/{process}/stat") is var stat && stat[(stat.LastIndexOf(')') + 2)..].StartsWith('T');
}
