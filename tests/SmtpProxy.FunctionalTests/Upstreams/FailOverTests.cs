using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>Fail-over, passive health and reload with a real proxy and real relays.</summary>
public sealed class FailOverTests
{
    private const string Cluster = "ReverseProxy:Clusters:relays";

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Session_WhosePrimaryRefusesConnections_GoesToTheBackup_AndAfterThreeThePrimaryIsLeftAlone(string transport)
    {
        // Bound and not listening: connections are refused for certain.
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var backup = new GreetingRelay("b", "220 b ready");
        await using var proxy = await StartAsync(transport, $"smtp://{closed.LocalEndPoint}", backup.Address);
        for (var n = 0; n < 3; n++)
        {
            await AssertServedAsync(proxy, "220 b ready");
        }

        var primary = await UpstreamAsync(proxy, "a");
        Assert.Equal((false, 3, "Unhealthy"),
            (primary.GetProperty("up").GetBoolean(), primary.GetProperty("connectFailures").GetInt32(),
                primary.GetProperty("health").GetString()));
        Assert.Equal((3, 0), ((await UpstreamAsync(proxy, "b")).GetProperty("greeted").GetInt32(),
            (await UpstreamAsync(proxy, "b")).GetProperty("sessions").GetInt32()));
        Assert.All(await proxy.JournalAsync(3), static session => Assert.Equal("b", session.GetProperty("destination").GetString()));
        await proxy.Errors.AwaitAsync(static l =>
            l.Contains("Relay a of cluster relays failed 3 times in a row", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Session_WhosePrimaryClosesBeforeItsGreeting_GoesToTheBackup_AndTheClientSeesOneGreeting(string transport)
    {
        await using var mute = new GreetingRelay("a", greeting: null);
        await using var backup = new GreetingRelay("b", "220 b ready");
        await using var proxy = await StartAsync(transport, mute.Address, backup.Address);
        await AssertServedAsync(proxy, "220 b ready");
        Assert.Equal(1, mute.Connections);
        Assert.Equal(1, (await UpstreamAsync(proxy, "a")).GetProperty("greetingFailures").GetInt32());
    }

    [Fact]
    public async Task Session_WhosePrimaryGreetsWith421_GetsThatGreeting_AndThePrimaryStaysIn()
    {
        await using var busy = new GreetingRelay("a", "421 4.3.2 too busy");
        await using var backup = new GreetingRelay("b", "220 b ready");
        await using var proxy = await StartAsync("epoll", busy.Address, backup.Address);
        for (var n = 0; n < 5; n++)
        {
            var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
            using (client)
            {
                Assert.Equal("421 4.3.2 too busy", greeting);
            }
        }

        await proxy.JournalAsync(5);
        Assert.Equal((0, 5), (backup.Connections, (await UpstreamAsync(proxy, "a")).GetProperty("greetingsRefused").GetInt32()));
    }

    [Fact]
    public async Task Session_WhenNoRelayCanBeReached_IsToldWhy_AndTheRelayIsTriedAgainAllTheSame()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://{closed.LocalEndPoint}");
        for (var n = 0; n < 5; n++)
        {
            var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
            using (client)
            {
                Assert.Matches("^421 4\\.3\\.2 .*refused", greeting);
            }
        }

        // It came back: the next session is served, though all looked dead.
        closed.Listen();
        var (back, reading) = (closed.AcceptAsync(), MailClient.ConnectAsync(proxy.Listener()));
        using var relay = await back.WaitAsync(ProxyProcess.Patience);
        await relay.SendAsync("220 back\r\n"u8.ToArray());
        var (last, welcome) = await reading;
        using (last)
        {
            Assert.Equal("220 back", welcome);
        }
    }

    [Fact]
    public async Task Session_WhoseRelayHasANameThatDoesNotResolve_IsToldSo()
    {
        await using var proxy = await ProxyProcess.StartAsync("--relay", "smtp://relay.invalid");
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.Matches("^421 4\\.3\\.2 .*name of relay '.*' does not resolve", greeting);
        }
    }

    [Fact]
    public async Task Reload_WithoutARelay_LeavesItsSessionAndSendsItNoMore_AndABadOneChangesNothing()
    {
        await using var a = new GreetingRelay("a", "220 a ready");
        await using var b = new GreetingRelay("b", "220 b ready");
        await using var proxy = await ProxyProcess.StartAsync(
            folder => Write(folder, $$""" "a": { "Address": "{{a.Address}}" } """),
            $"--{Cluster}:LoadBalancingPolicy=FirstAlphabetical", $"--{Cluster}:Destinations:sink:Address={b.Address}",
            "--SmtpProxy:Sink:Enabled=false");
        var (old, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (old)
        {
            Assert.Equal("220 a ready", greeting);
            Write(proxy.Folder, "");
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains($"{Cluster}:Destinations:a:Address applies to new sessions", StringComparison.Ordinal));
            await AssertServedAsync(proxy, "220 b ready");
            Assert.Equal("250 a", await old.SayAsync("NOOP"));

            Write(proxy.Folder, """ "c": { "Address": "127.0.0.1:25" } """);
            await proxy.Errors.AwaitAsync(static line =>
                line.Contains(
                    $"the last good one stays: {Cluster}:Destinations:c:Address: \"127.0.0.1:25\" is not an SMTP address; write smtp://" +
                        $"127.0.0.1:25", StringComparison.Ordinal));
            await AssertServedAsync(proxy, "220 b ready");
            Assert.Equal("221 bye", await old.SayAsync("QUIT"));
        }

        Assert.Equal(["b", "b", "a"],
            [.. (await proxy.JournalAsync(3)).Select(static s => s.GetProperty("destination").GetString() == "a" ? "a" : "b")]);
    }

    private static Task<ProxyProcess> StartAsync(string transport, string a, string b) => ProxyProcess.StartAsync(
        $"--SmtpProxy:Transport={transport}", $"--{Cluster}:LoadBalancingPolicy=FirstAlphabetical", "--SmtpProxy:Sink:Enabled=false",
        // Who is left alone stays so: on a busy machine a test takes longer than ten seconds.
        $"--{Cluster}:HealthCheck:Passive:ReactivationPeriod=01:00:00",
        $"--{Cluster}:Destinations:a:Address={a}", $"--{Cluster}:Destinations:b:Address={b}", $"--{Cluster}:Destinations:sink:Address={b}");

    private static void Write(string folder, string destinations) => File.WriteAllText(
        Path.Combine(folder, "appsettings.json"),
        $$$"""{ "ReverseProxy": { "Clusters": { "relays": { "Destinations": { {{{destinations}}} } } } } }""");

    private static async Task AssertServedAsync(ProxyProcess proxy, string expected)
    {
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            Assert.Equal(expected, greeting);
            Assert.Equal("221 bye", await client.SayAsync("QUIT"));
            // The session is over for the proxy too before anything is counted.
            Assert.Null(await client.ReplyAsync());
        }
    }

    private static async Task<JsonElement> UpstreamAsync(ProxyProcess proxy, string relay)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        var all = JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)));
        return all.EnumerateArray().Single(r => r.GetProperty("destination").GetString() == relay);
    }
}
