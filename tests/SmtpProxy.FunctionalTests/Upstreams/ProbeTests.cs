using System.Text.Json;
using SmtpProxy.FunctionalTests.Identity;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>What probes say to relays, and what is learned from the answers.</summary>
public sealed class ProbeTests
{
    private const string Cluster = "--ReverseProxy:Clusters:relays";

    [Fact]
    public async Task Probe_OfARelayThatIsWell_SaysEhloAndQuit_ShowsWhatItSaid_AndIsNoSession()
    {
        await using var relay = new PoolRelay("mx", "PIPELINING", "SIZE 1000");
        await using var proxy = await StartAsync(relay, $"{Cluster}:Metadata:Smtp.Name=proxy.example");
        var shown = await ProbedAsync(proxy, static probe => probe.GetProperty("failure").ValueKind == JsonValueKind.Null);
        Assert.Equal("220 mx ready", shown.GetProperty("lastGreeting").GetString());
        Assert.Equal(["PIPELINING", "SIZE 1000"], shown.GetProperty("capabilities").EnumerateArray().Select(static c => c.GetString()));
        Assert.Equal(("up", "Healthy", 0),
            (shown.GetProperty("state").GetString(), shown.GetProperty("probeHealth").GetString(),
                shown.GetProperty("greeted").GetInt32()));
        Assert.All(relay.Heard, static said => Assert.Equal("EHLO proxy.example\nQUIT\n", said));
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(0, metrics.Sum("smtpproxy_sessions_total") + metrics.Sum("smtpproxy_io_bytes_total")
            + metrics.Sum("smtpproxy_operation_duration_seconds_count"));
        Assert.DoesNotContain(proxy.Output.SoFar, static line => line.StartsWith('{'));
    }

    [Theory]
    [InlineData("Greeting", "554 no mail here", "the relay greets with 554 no mail here", "QUIT\n")]
    [InlineData("Greeting", "what?", "the relay's greeting is no SMTP reply", "QUIT\n")]
    [InlineData("Ehlo", "421 4.3.2 later", "the relay greets with 421 4.3.2 later", "QUIT\n")]
    [InlineData("Ehlo", "what?", "the relay's greeting is not one reply", "QUIT\n")]
    [InlineData("StartTls", "220 ready", "the relay does not offer STARTTLS", "EHLO h\nQUIT\n")]
    public async Task Probe_OfARelayThatIsNotWell_SaysWhyAndQuit(string depth, string greeting, string failure, string said)
    {
        await using var relay = new PoolRelay("mx", "PIPELINING") { Greeting = greeting };
        await using var proxy = await StartAsync(relay, $"{Cluster}:Metadata:Smtp.Probe={depth}", $"{Cluster}:Metadata:Smtp.Name=h");
        var shown = await ProbedAsync(proxy, static probe => probe.GetProperty("failure").ValueKind == JsonValueKind.String);
        Assert.Equal(failure, shown.GetProperty("probe").GetProperty("failure").GetString());
        Assert.All(relay.Heard, all => Assert.Equal(said, all));
        await proxy.Errors.AwaitAsync(line => line.Contains($"failed: {failure}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Probe_OfARelayThatStalls_FailsInTimeAndSaysQuit()
    {
        await using var relay = new PoolRelay("mx");
        relay.Stall();
        await using var proxy = await StartAsync(relay, $"{Cluster}:HealthCheck:Active:Timeout=00:00:00.5");
        await proxy.Errors.AwaitAsync(static line => line.Contains("failed: the relay sent no greeting in time", StringComparison.Ordinal));
        relay.Revive();
        await proxy.Errors.AwaitAsync(static line => line.Contains("is well again", StringComparison.Ordinal));
        Assert.Contains("QUIT\n", relay.Heard);
    }

    [Fact]
    public async Task Probe_OfARelayThatSpeaksLmtp_SaysLhlo()
    {
        await using var relay = new TrustingRelay(isLmtp: true, "PIPELINING");
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", relay.Address, $"{Cluster}:HealthCheck:Active:Enabled=true", $"{Cluster}:HealthCheck:Active:Interval=00:00:00.3",
            $"{Cluster}:Metadata:Smtp.Protocol=lmtp", $"{Cluster}:Metadata:Smtp.Name=h");
        var shown = await ProbedAsync(proxy, static probe => probe.GetProperty("failure").ValueKind == JsonValueKind.Null);
        Assert.Equal(["PIPELINING"], shown.GetProperty("capabilities").EnumerateArray().Select(static c => c.GetString()));
        Assert.All(relay.Heard, static line => Assert.True(line is "LHLO h" or "QUIT", line));
    }

    /// <summary>Probes have the time that they have by default: one that a busy machine makes late says another thing.</summary>
    private static Task<ProxyProcess> StartAsync(PoolRelay relay, params string[] more) => ProxyProcess.StartAsync(
    [
        "--relay", relay.Address, $"{Cluster}:HealthCheck:Active:Enabled=true", $"{Cluster}:HealthCheck:Active:Interval=00:00:00.3",
        $"{Cluster}:Metadata:ConsecutiveFailuresHealthPolicy.Threshold=1", .. more,
    ]);

    /// <summary>The relay as the API shows it, once its probe is as expected; nothing tells when that is.</summary>
    private static async Task<JsonElement> ProbedAsync(ProxyProcess proxy, Func<JsonElement, bool> isExpected)
    {
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var shown = JsonElement.Parse(await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)))[0];
            if (shown.GetProperty("probe") is { ValueKind: JsonValueKind.Object } probe && isExpected(probe)
                && shown.GetProperty("probeHealth").GetString() != "Unknown")
            {
                return shown;
            }

            await pause.WaitForNextTickAsync(patience.Token);
        }
    }
}
