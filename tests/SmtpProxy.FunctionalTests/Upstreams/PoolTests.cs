using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>A pool of three relays under load, whatever happens to them.</summary>
public sealed class PoolTests
{
    private const string Cluster = "ReverseProxy:Clusters:relays";
    private const string Active = $"--{Cluster}:HealthCheck:Active";

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Relays_KilledAndStalledAndRevivedInTurn_NoNewSessionIsRefused_AndOthersAreUntouched(string transport)
    {
        await using var a = new PoolRelay("relay-1");
        await using var b = new PoolRelay("relay-2");
        await using var c = new PoolRelay("relay-3");
        await using var proxy = await StartAsync(transport, [a, b, c],
            "--SmtpProxy:Limits:Greeting=00:00:03", $"{Active}:Enabled=true", $"{Active}:Interval=00:00:00.3",
            $"{Active}:Timeout=00:00:00.5",
            $"--{Cluster}:Metadata:ConsecutiveFailuresHealthPolicy.Threshold=1");
        var load = new SessionLoad(proxy.Listener(), 3);
        await using (load)
        {
            foreach (var relay in (PoolRelay[])[a, b, c])
            {
                var held = await HoldAsync(proxy, relay.Name);
                await relay.KillAsync();
                await IsAsync(proxy, relay, "down");
                relay.Revive();
                await IsAsync(proxy, relay, "up");
                relay.Stall();
                await IsAsync(proxy, relay, "down");
                relay.Revive();
                await IsAsync(proxy, relay, "up");
                foreach (var (client, name) in held)
                {
                    using (client)
                    {
                        Assert.Equal($"250 {name}", await client.SayAsync("NOOP"));
                        Assert.Equal("221 bye", await client.SayAsync("QUIT"));
                    }
                }

                // Only sessions that were at the relay when it was killed may have noticed.
                Assert.All(load.Broken, broken => Assert.Equal(relay.Name, broken));
                load.Broken.Clear();
            }
        }

        Assert.Empty(load.Refused);
        Assert.NotEqual(0, load.Served);
    }

    [Fact]
    public async Task Reload_UnderLoad_BreaksNothing()
    {
        await using var a = new PoolRelay("a");
        await using var b = new PoolRelay("b");
        await using var proxy = await ProxyProcess.StartAsync(
            folder => Write(folder, $$""" "a": { "Address": "{{a.Address}}" } """),
            $"--{Cluster}:LoadBalancingPolicy=RoundRobin", $"--{Cluster}:Destinations:sink:Address={b.Address}",
            "--SmtpProxy:Sink:Enabled=false");
        var load = new SessionLoad(proxy.Listener(), 2);
        await using (load)
        {
            var (old, greeting) = await MailClient.ConnectAsync(proxy.Listener());
            while (greeting != "220 a ready")
            {
                old.Dispose();
                (old, greeting) = await MailClient.ConnectAsync(proxy.Listener());
            }

            Write(proxy.Folder, "");
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains($"{Cluster}:Destinations:a:Address applies to new sessions", StringComparison.Ordinal));
            Assert.Equal("draining", (await UpstreamAsync(proxy, "a")).GetProperty("state").GetString());
            Write(proxy.Folder, $$""" "a": { "Address": "{{a.Address}}" } """);
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains($"{Cluster}:Destinations:a:Address applies to new sessions", StringComparison.Ordinal), 2);
            using (old)
            {
                Assert.Equal("250 a", await old.MailAsync());
            }
        }

        Assert.Empty(load.Refused);
        Assert.Empty(load.Broken);
        Assert.NotEqual(0, load.Served);
    }

    /// <summary>A session at each relay but one.</summary>
    private static async Task<List<(MailClient Client, string Relay)>> HoldAsync(ProxyProcess proxy, string but)
    {
        var held = new List<(MailClient Client, string Relay)>();
        while (held.Count < 2)
        {
            var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
            var relay = greeting.Split(' ')[1];
            if (relay == but || held.Exists(h => h.Relay == relay))
            {
                client.Dispose();
                continue;
            }

            held.Add((client, relay));
        }

        return held;
    }

    /// <summary>Waits until the probes have seen it: on a busy machine one of them may fail by itself, so that
    /// nothing can be counted.</summary>
    private static Task IsAsync(ProxyProcess proxy, PoolRelay relay, string state) =>
        Eventually.Async(async () => (await UpstreamAsync(proxy, relay.Name)).GetProperty("state").GetString() == state,
            $"{relay.Name} is not {state}");

    private static Task<ProxyProcess> StartAsync(string transport, PoolRelay[] relays, params string[] more) => ProxyProcess.StartAsync(
    [
        $"--SmtpProxy:Transport={transport}", $"--{Cluster}:LoadBalancingPolicy=RoundRobin",
        .. relays.SelectMany(static r => (string[])["--relay", r.Address]), .. more,
    ]);

    private static void Write(string folder, string destinations) => File.WriteAllText(
        Path.Combine(folder, "appsettings.json"),
        $$$"""{ "ReverseProxy": { "Clusters": { "relays": { "Destinations": { {{{destinations}}} } } } } }""");

    private static async Task<JsonElement> UpstreamAsync(ProxyProcess proxy, string relay)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        var all = JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)));
        return all.EnumerateArray().Single(r => r.GetProperty("destination").GetString() == relay);
    }
}
