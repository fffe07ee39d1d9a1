using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Fleet;

/// <summary>The limits for each client are those of three real proxies together, over a real Redis, on both transports.</summary>
[Collection("Fleet")]
public sealed class SharedLimitsTests(ITestOutputHelper output)
{
    private const int Most = 100;

    /// <summary>The last part of the clients' address.</summary>
    private byte _from;

    [SkippableTheory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Sessions_OfOneClientAtThreeProxies_AreAsManyAsOneMayHave(string transport)
    {
        await using var fleet = await StartAsync($"--SmtpProxy:Transport={transport}", $"--SmtpProxy:Limits:MaxSessionsPerClient={Most}",
            "--SmtpProxy:Limits:ConnectionsPerMinutePerClient=0");
        var clients = new List<TcpClient>();
        try
        {
            // All at once, three times as many as there may be.
            var greetings = await AllAsync(fleet, 3 * Most, clients);
            var served = greetings.Count(static g => g.StartsWith("220", StringComparison.Ordinal));
            output.WriteLine($"{transport}: {served} of {Most} sessions were let in");
            Assert.InRange(served, Most * 99 / 100, Most);
            Assert.Equal(3 * Most, served + greetings.Count(static g => g.StartsWith("421", StringComparison.Ordinal)));

            // Those who were turned away counted until they had left: there may be room for one.
            while ((await GreetingAsync(fleet.Proxies[2], clients)).StartsWith("220", StringComparison.Ordinal))
            {
                Assert.InRange(++served, 0, Most);
            }

            // Who leaves one proxy makes room at any.
            clients.ForEach(static c => c.Dispose());
            await Eventually.Async(async () => await OpenAsync(fleet) == 0, "somebody has not left");
            await Eventually.Async(async () => (await GreetingAsync(fleet.Proxies[2], clients)).StartsWith("220", StringComparison.Ordinal),
                "nobody is let in again");
            var open = await OpenAsync(fleet);

            // Without Redis each has its share, and who is served goes on.
            await fleet.Redis.KillAsync();
            await fleet.StateAsync(fleet.Proxies[0], "degraded");
            var late = await GreetingAsync(fleet.Proxies[0], clients);
            Assert.StartsWith("220", late, StringComparison.Ordinal);
            Assert.Equal(open + 1, await OpenAsync(fleet));
        }
        finally
        {
            clients.ForEach(static c => c.Dispose());
        }
    }

    /// <summary>What a client says before it is known whether it may have a session waits, after a PROXY header too.</summary>
    [SkippableTheory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Octets_SentBeforeTheOthersHaveAnswered_AreNotLost(string transport)
    {
        await using var fleet = await StartAsync($"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--SmtpProxy:Listeners:inbound:Cluster=relays",
            "--SmtpProxy:Listeners:inbound:ProxyProtocol=Required", "--SmtpProxy:Listeners:inbound:ProxyProtocolFrom=127.0.0.0/8");
        using var client = new TcpClient();
        await client.ConnectAsync(fleet.Proxies[0].Listener());
        var stream = client.GetStream();
        await stream.WriteAsync("PROXY TCP4 203.0.113.9 192.0.2.2 4711 25\r\nEHLO early.example\r\nQUIT\r\n"u8.ToArray());
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        foreach (var reply in (string[])["220 relay", "250 ok", "221 bye"])
        {
            Assert.Equal(reply, await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience));
        }

        Assert.DoesNotContain("203.0.113.9", await fleet.Redis.AskAsync("KEYS", "*"), StringComparison.Ordinal);

        // One request when it came, one when it went.
        client.Dispose();
        await Eventually.Async(async () => (await Metrics.ReadAsync(fleet.Proxies[0])).Sum("smtpproxy_fleet_requests_total",
            ("smtpproxy_fleet_use", "limits"), ("smtpproxy_outcome", "ok")) == 2, "not two requests");
    }

    [SkippableFact]
    public async Task ConnectionRate_OfOneClientAtThreeProxies_IsThatOfOneAndAShareWithoutRedis()
    {
        await using var fleet = await StartAsync("--SmtpProxy:Limits:ConnectionsPerMinutePerClient=60");
        var clients = new List<TcpClient>();
        try
        {
            var began = Stopwatch.GetTimestamp();
            var greetings = await AllAsync(fleet, 120, clients);
            // One a second is given back meanwhile, and a machine that is busy takes many.
            var back = Math.Ceiling(Stopwatch.GetElapsedTime(began).TotalSeconds);
            var served = greetings.Count(static g => g.StartsWith("220", StringComparison.Ordinal));
            output.WriteLine($"{served} of 60 connections a minute were let in");
            Assert.InRange(served, 60, 60 + back);
            Assert.Equal(120, served + greetings.Count(static g => g.StartsWith("421", StringComparison.Ordinal)));
            await fleet.Redis.KillAsync();
            await fleet.StateAsync(fleet.Proxies[0], "degraded");
            var alone = new List<string>();
            for (var n = 0; n < 40; n++)
            {
                alone.Add(await GreetingAsync(fleet.Proxies[0], clients));
            }

            Assert.Contains(alone, static g => g.StartsWith("421", StringComparison.Ordinal));
        }
        finally
        {
            clients.ForEach(static c => c.Dispose());
        }
    }

    /// <summary>Clients of tests come from this machine, which limits spare unless they are told otherwise.</summary>
    private static Task<FleetRig> StartAsync(params string[] args) =>
        FleetRig.StartAsync(["--SmtpProxy:Limits:ClientLimitExempt=192.0.2.1", .. args]);

    private static async Task<double> OpenAsync(FleetRig fleet)
    {
        var all = 0.0;
        foreach (var proxy in fleet.Proxies)
        {
            all += (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_active_sessions");
        }

        return all;
    }

    /// <summary>What so many hear who come at once, as many to each proxy; from another address each time that it is measured.</summary>
    private Task<string[]> AllAsync(FleetRig fleet, int count, List<TcpClient> clients) => fleet.AnsweredAsync(() =>
    {
        clients.ForEach(static c => c.Dispose());
        clients.Clear();
        _from++;
        return Task.WhenAll(Enumerable.Range(0, count).Select(n => GreetingAsync(fleet.Proxies[n % 3], clients)));
    });

    private async Task<string> GreetingAsync(ProxyProcess proxy, List<TcpClient> clients)
    {
        var client = new TcpClient(new IPEndPoint(new IPAddress([127, 0, 1, _from]), 0));
        lock (clients)
        {
            clients.Add(client);
        }

        await client.ConnectAsync(IPAddress.Loopback, proxy.Listener().Port);
        var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        try
        {
            return await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience) ?? "";
        }
        catch (IOException)
        {
            // Beyond those that may linger, who is turned away is reset without a word.
            return "421";
        }
    }
}
