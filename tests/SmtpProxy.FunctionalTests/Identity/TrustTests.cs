using System.Text.Json;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>Relays that trust the proxy's address, from which everybody comes: said after the start, before a client finds out.</summary>
public sealed class TrustTests(Postfix postfix) : IClassFixture<Postfix>
{
    private const string Cluster = "--ReverseProxy:Clusters:relays";

    [SkippableTheory]
    [InlineData("Smtp.AskAtStart=true", true)]
    [InlineData("Smtp.AskAtStart=true;Smtp.XClient=true", false)]
    public async Task Postfix_ThatTakesXClientOfTheProxy_IsWarnedOf_UnlessItIsToldItsClients(string settings, bool trusts)
    {
        postfix.Require();
        ArgumentNullException.ThrowIfNull(settings);
        await using var proxy = await ProxyProcess.StartAsync(
            ["--relay", $"smtp://127.0.0.1:{postfix.Port}", .. settings.Split(';').Select(static s => $"{Cluster}:Metadata:{s}")]);
        await KnownAsync(proxy, trusts);
        Assert.Equal(trusts
            ? 1 : 0, proxy.Errors.SoFar.Count(static line => line.Contains("offers XCLIENT to this proxy", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task Postfix_ThatIsProbed_IsWarnedOfOnce()
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", $"smtp://127.0.0.1:{postfix.Port}", $"{Cluster}:HealthCheck:Active:Enabled=true",
            $"{Cluster}:HealthCheck:Active:Interval=00:00:00.2");
        var before = postfix.Log;
        await KnownAsync(proxy, true);
        await Eventually.Async(() => Task.FromResult(postfix.Log[before.Length..].Split("disconnect from").Length > 4),
            "there were no probes");
        Assert.Single(proxy.Errors.SoFar, static line => line.Contains("offers XCLIENT to this proxy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Relay_ThatTrustsNobody_IsAskedOnceAndPolitely()
    {
        using var made = new TestCertificates();
        await using var relay = new RecordingRelay(made.Good().Load());
        await using var proxy = await ProxyProcess.StartAsync("--relay", relay.Address, $"{Cluster}:Metadata:Smtp.AskAtStart=true",
            $"{Cluster}:Metadata:Smtp.Name=proxy.example");
        await KnownAsync(proxy, false);
        Assert.Equal(["c:EHLO proxy.example", "c:QUIT"], relay.Heard);
        Assert.Equal(0, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_sessions_total"));
    }

    [Fact]
    public async Task Relay_ThatIsNotThere_KeepsNobodyFromBeingReady()
    {
        await using var proxy = await ProxyProcess.StartAsync("--relay", "smtp://192.0.2.1:25", $"{Cluster}:Metadata:Smtp.AskAtStart=true");
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        Assert.True((await http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode);
    }

    /// <summary>Sessions see it too: nobody asks this relay, and what it offers changes with time.</summary>
    [Theory]
    [InlineData("epoll", "127.0.0.1:0", "XCLIENT ADDR")]
    [InlineData("portable", "127.0.0.1:0", "XFORWARD NAME ADDR")]
    [InlineData("epoll", "[::1]:0", "xclient NAME ADDR")]
    public async Task Relay_ThatASessionSeesOfferIt_IsWarnedOfOnce_UntilASessionSeesThatItDoesNot(string transport, string listen,
        string offer)
    {
        await using var relay = new TrustingRelay(isLmtp: false, "PIPELINING", offer);
        await using var proxy = await ProxyProcess.StartAsync(
            "--listen", listen, "--relay", relay.Address, $"--SmtpProxy:Transport={transport}",
            $"{Cluster}:Metadata:Smtp.AskAtStart=false");
        for (var n = 0; n < 2; n++)
        {
            await GreetAsync(proxy, "250 PIPELINING");
        }

        await KnownAsync(proxy, true);
        Assert.Single(proxy.Errors.SoFar,
            line => line.Contains($"offers {offer.Split(' ')[0].ToUpperInvariant()} to this proxy", StringComparison.Ordinal));
        relay.OffersNow = ["PIPELINING"];
        await GreetAsync(proxy, "250 PIPELINING");
        await KnownAsync(proxy, false);
    }

    private static async Task GreetAsync(ProxyProcess proxy, string expected)
    {
        var (client, _) = await Cli.MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.Equal(expected, await client.SayAsync("EHLO client.example"));
            Assert.StartsWith("221", await client.SayAsync("QUIT"), StringComparison.Ordinal);
        }
    }

    /// <summary>Waits until the relay was asked, which nothing tells.</summary>
    private static async Task KnownAsync(ProxyProcess proxy, bool trusts)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        var known = default(JsonElement);
        await Eventually.Async(async () =>
        {
            known = JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)))[0]
                .GetProperty("trustsProxy");
            return known.ValueKind != JsonValueKind.Null;
        }, "nobody asked the relay");
        Assert.Equal(trusts, known.GetBoolean());
        Assert.Contains("smtpproxy_upstream_trusts_proxy{", (await Metrics.ReadAsync(proxy)).Text, StringComparison.Ordinal);
        Assert.Equal(trusts ? 1 : 0, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_upstream_trusts_proxy"));
    }
}
