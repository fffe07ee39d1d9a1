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
                var relay = new ThinkingRelay(new Thinker(seed: 1));
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
                var other = relay.Thinker();
                var own = Ms(line, "duration") - client.Thought - other.Thought;
                Assert.True(
                    IsWhatItTook(line, "client", client.Thought, client.Late) & IsWhatItTook(line, "relay", other.Thought, other.Late)
                        & IsWhatItTook(line, "proxy", own, client.Late + other.Late),
                    $"{kind}: of {line.GetProperty("duration_ms")} ms the client thought {client}, the relay {other}, and the journal says "
                    + $"{line.GetProperty("client_ms")}, {line.GetProperty("relay_ms")}, and of the proxy {line.GetProperty("proxy_ms")}");
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

    /// <summary>To a tenth, and to what this machine made the threads of client and relay wait for their turn.</summary>
    private static bool IsWhatItTook(JsonElement line, string owner, TimeSpan took, TimeSpan late) =>
        (Ms(line, owner) - took).Duration() <= (0.1 * took) + (2 * late);

    private static TimeSpan Ms(JsonElement line, string what) => TimeSpan.FromMilliseconds(line.GetProperty(what + "_ms").GetDouble());

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

    /// <summary>Talks to the proxy, and returns who thought: from having a reply to having handed over the next command.</summary>
    private static Thinker Talk(ProxyProcess proxy)
    {
        var thinker = new Thinker(seed: 2);
        using var client = new TcpClient { NoDelay = true };
        client.Connect(proxy.Listener());
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.StartsWith("220", reader.ReadLine(), StringComparison.Ordinal);
        for (var n = 0; n <= Commands; n++)
        {
            var command = n == 0 ? "EHLO c\r\n" : n == Commands ? "QUIT\r\n" : string.Create(CultureInfo.InvariantCulture, $"NOOP {n}\r\n");
            thinker.Answer(() => client.GetStream().Write(Encoding.ASCII.GetBytes(command)));
            Assert.StartsWith("2", reader.ReadLine(), StringComparison.Ordinal);
        }

        return thinker;
    }
}
