using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>A proxy that stands still half of the time says that it is the proxy that makes everybody wait: client and relay, who measure
/// themselves how long they think, are charged with that and no more.</summary>
[Collection(nameof(Alone))]
public sealed class StoppedProcessTests
{
    private const int Commands = 40;
    private const int Stop = 19, Continue = 18;

    [Fact]
    public async Task Shares_OfAProxyThatIsStoppedHalfTheTime_AreWhatEachReallyTook()
    {
        string[] kinds = ["Epoll", "Portable"];
        var proxies = new List<(string Kind, ThinkingRelay Relay, ProxyProcess Proxy)>();
        try
        {
            foreach (var kind in kinds)
            {
                var relay = new ThinkingRelay(Thinking(seed: 1));
                proxies.Add((kind, relay, await ProxyProcess.StartAloneAsync("--relay", relay.Address, "--SmtpProxy:Transport", kind)));
            }

            var clients = proxies.ConvertAll(static p => Task.Factory.StartNew(() => Talk(p.Proxy), TaskCreationOptions.LongRunning));
            var thought = await WhileStoppingAsync([.. proxies.Select(static p => p.Proxy)], Task.WhenAll(clients));
            foreach (var ((kind, relay, proxy), client) in proxies.Zip(thought))
            {
                var line = Assert.Single(await proxy.JournalAsync(1));
                var metrics = await Metrics.ReadAsync(proxy);
                Assert.All(["client", "relay", "proxy"],
                    owner => Assert.Equal(Ms(line, owner).TotalSeconds,
                        metrics.Sum("smtpproxy_session_time_seconds_total", ("smtpproxy_owner", owner)), 0.00001));
                Assert.True(metrics.Sum("smtpproxy_loop_lag_seconds_sum", ("smtpproxy_transport", kind.ToLowerInvariant())) > 0.2,
                    $"{kind}: no loop was late");
                Assert.True(IsWhatItTook(line, "client", client) & IsWhatItTook(line, "relay", relay.Thought())
                        & IsWhatItTook(line, "proxy", Ms(line, "duration") - client - relay.Thought()),
                    $"{kind}: the client thought {client.TotalMilliseconds:0} ms and the relay {relay.Thought().TotalMilliseconds:0} ms of "
                    + $"{line.GetProperty("duration_ms")}, and the journal says {line.GetProperty("client_ms")}, " +
                        $"{line.GetProperty("relay_ms")}, and {line.GetProperty("proxy_ms")} ms of the proxy's own");
            }
        }
        finally
        {
            foreach (var (_, relay, proxy) in proxies)
            {
                relay.Dispose();
                await proxy.DisposeAsync();
            }
        }
    }

    private static bool IsWhatItTook(JsonElement line, string owner, TimeSpan took) => Math.Abs((Ms(line, owner) / took) - 1) <= 0.1;

    private static TimeSpan Ms(JsonElement line, string what) => TimeSpan.FromMilliseconds(line.GetProperty(what + "_ms").GetDouble());

    private static Func<TimeSpan> Thinking(int seed)
    {
        var random = new Random(seed);
        return () => TimeSpan.FromMilliseconds(random.Next(10, 90));
    }

    /// <summary>Stops the processes for 200 ms of each 400 until something is done.</summary>
    private static async Task<T> WhileStoppingAsync<T>(ProxyProcess[] proxies, Task<T> done)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var isStopped = false; !done.IsCompleted || isStopped; isStopped = !isStopped)
        {
            Array.ForEach(proxies, proxy => proxy.Signal(isStopped ? Continue : Stop));
            await beat.WaitForNextTickAsync();
        }

        return await done;
    }

    /// <summary>Talks to the proxy, and returns for how long it thought: from having a reply to having
    /// handed over the next command.</summary>
    private static TimeSpan Talk(ProxyProcess proxy)
    {
        var thinks = Thinking(seed: 2);
        using var client = new TcpClient { NoDelay = true };
        client.Connect(proxy.Listener());
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.StartsWith("220", reader.ReadLine(), StringComparison.Ordinal);
        var thought = 0L;
        for (var n = 0; n <= Commands; n++)
        {
            var had = Stopwatch.GetTimestamp();
            Thread.Sleep(thinks());
            client.GetStream()
                .Write(Encoding.ASCII.GetBytes(n == 0
                    ? "EHLO c\r\n" : n == Commands ? "QUIT\r\n" : string.Create(CultureInfo.InvariantCulture, $"NOOP {n}\r\n")));
            thought += Stopwatch.GetTimestamp() - had;
            Assert.StartsWith("2", reader.ReadLine(), StringComparison.Ordinal);
        }

        return Stopwatch.GetElapsedTime(0, thought);
    }
}
