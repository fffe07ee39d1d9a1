using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Configuration;

public sealed class ProgramDefaultsTests
{
    private const string Relays = "ReverseProxy:Clusters:relays";
    private const string Inbound = "SmtpProxy:Listeners:inbound";

    [Fact]
    public void Complete_Nothing_IsAListenerOnLoopbackThatLeadsToTheSink()
    {
        var values = Values();
        Assert.True(ProgramDefaults.Complete(values, maySink: true));
        Assert.Equal(
            ["Kestrel:Endpoints:Admin:Url=http://127.0.0.1:9025", $"{Relays}:Destinations:sink:Address=smtp://127.0.0.1:2526",
                $"{Inbound}:Address=127.0.0.1:2525", $"{Inbound}:Cluster=relays", "SmtpProxy:Sink:Enabled=true"],
            values.Select(static v => $"{v.Key}={v.Value}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData($"{Relays}:Destinations:mx1:Address", "smtp://mx1.example.org")]
    [InlineData("REVERSEPROXY:CLUSTERS:RELAYS:DESTINATIONS:MX1:ADDRESS", "smtp://mx1.example.org")]
    [InlineData($"{Relays}:Destinations:mx1:Address", "")]
    [InlineData($"{Relays}:Destinations:mx1:Metadata:Smtp.Backup", "true")]
    [InlineData($"{Relays}:Destinations:mx1", "smtp://mx1.example.org")]
    [InlineData("ReverseProxy:Clusters:submission:Destinations:mx1:Address", "smtp://mx1.example.org")]
    [InlineData("ReverseProxy:Clusters:grafana:Destinations:g:Address", "http://127.0.0.1:3000")]
    public void Complete_AnyDestinationOfAnyCluster_LeavesTheSinkOut(string key, string value)
    {
        var values = Values((key, value));
        Assert.False(ProgramDefaults.Complete(values, maySink: true));
        Assert.DoesNotContain(values.Keys, static k => k.Contains("sink:Address", StringComparison.Ordinal));
        Assert.Equal("false", values["SmtpProxy:Sink:Enabled"]);
    }

    [Fact]
    public void Complete_OtherSettingsOfTheCluster_DoNotKeepTheSinkOut() =>
        Assert.True(ProgramDefaults.Complete(Values(($"{Relays}:LoadBalancingPolicy", "RoundRobin")), maySink: true));

    [Fact]
    public void Complete_TheSinkSwitchedOff_IsNoRelay()
    {
        var values = Values(("SmtpProxy:Sink:Enabled", "False"));
        Assert.False(ProgramDefaults.Complete(values, maySink: true));
        var problem = Assert.Single(Problems(values), static p => p.Key != "Kestrel:Endpoints:Admin:Url");
        Assert.StartsWith($"{Relays}:Destinations: no relay is configured; write --relay smtp://HOST", problem.Text,
            StringComparison.Ordinal);
        Assert.Contains("SmtpProxy:Sink:Enabled=false", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_WhereThereWereRelays_TheSinkDoesNotStandIn() => Assert.False(ProgramDefaults.Complete(Values(), maySink: false));

    [Theory]
    [InlineData("127.0.0.1:7", "smtp://127.0.0.1:7")]
    [InlineData("0.0.0.0:7", "smtp://127.0.0.1:7")]
    [InlineData("[::]:7", "smtp://[::1]:7")]
    public void Complete_TheSinkSomewhereElse_IsLedToThere(string sink, string relay)
    {
        var values = Values(("SmtpProxy:Sink:Address", sink));
        Assert.True(ProgramDefaults.Complete(values, maySink: true));
        Assert.Equal(relay, values[$"{Relays}:Destinations:sink:Address"]);
    }

    [Fact]
    public void Complete_ListenersOfOtherNames_StayAlone()
    {
        var values = Values(("SmtpProxy:Listeners:submission:Address", "127.0.0.1:587"),
            ("SmtpProxy:Listeners:submission:Cluster", "relays"));
        ProgramDefaults.Complete(values, maySink: true);
        Assert.DoesNotContain(values.Keys, static k => k.Contains("inbound", StringComparison.Ordinal));
    }

    [Fact]
    public void Complete_APartOfTheListener_KeepsItAndHasTheRest()
    {
        var values = Values(($"{Inbound}:Address", "127.0.0.1:25"));
        ProgramDefaults.Complete(values, maySink: true);
        Assert.Equal(("127.0.0.1:25", "relays"), (values[$"{Inbound}:Address"], values[$"{Inbound}:Cluster"]));
    }

    [Theory]
    [InlineData("smtp://127.0.0.1:2526")]
    [InlineData("smtps://127.0.0.1:2526")]
    [InlineData("smtp://localhost:2526")]
    [InlineData("smtp://LOCALHOST.:2526")]
    [InlineData("smtp://sink.localhost:2526")]
    [InlineData("smtp://0.0.0.0:2526")]
    [InlineData("smtp://[::ffff:127.0.0.1]:2526")]
    [InlineData("smtp://127.1:2526")]
    [InlineData("smtp://127.0.0.1:2527", "127.0.0.1:2526", "127.0.0.1:2527")]
    [InlineData("smtp://127.0.0.1", "127.0.0.1:25")]
    [InlineData("smtp://[::1]:2526", "[::1]:2526")]
    [InlineData("smtp://[::]:2526", "[::1]:2526")]
    [InlineData("smtp://localhost:2526", "[::1]:2526")]
    [InlineData("smtp://127.0.0.7:2526", "0.0.0.0:2526")]
    [InlineData("smtp://[::1]:2526", "[::]:2526")]
    public void Cluster_WithTheSinkInAnySpellingBesideARelay_IsRefusedWithBothKeysAndTheRemedy(string sink,
        string address = "127.0.0.1:2526", string? lmtp = null)
    {
        var values = Values(
            ("SmtpProxy:Sink:Address", address), ("SmtpProxy:Sink:LmtpAddress", lmtp),
            ($"{Relays}:Destinations:a:Address", "smtp://192.0.2.1"), ($"{Relays}:Destinations:b:Address", sink));
        ProgramDefaults.Complete(values, maySink: true);
        var problem = Assert.Single(Problems(values), static p => p.Text.Contains("embedded sink", StringComparison.Ordinal));
        Assert.Equal($"{Relays}:Destinations:b:Address", problem.Key);
        Assert.Contains($"{Relays}:Destinations:a:Address; remove {Relays}:Destinations:b, or", problem.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("smtp://127.0.0.2:2526", null)]
    [InlineData("smtp://127.0.0.1:2527", null)]
    [InlineData("smtp://mx.example.org:2526", null)]
    [InlineData("smtp://127.0.0.1:2526", "false")]
    public void Cluster_WithARelayNearTheSinksAddress_IsLeftAlone(string relay, string? enabled)
    {
        var values = Values(("SmtpProxy:Sink:Enabled", enabled), ($"{Relays}:Destinations:a:Address", "smtp://192.0.2.1"),
            ($"{Relays}:Destinations:b:Address", relay));
        ProgramDefaults.Complete(values, maySink: true);
        Assert.DoesNotContain(Problems(values), static p => p.Text.Contains("embedded sink", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Address", "0.0.0.0:2525", true)]
    [InlineData("Address", "*:2525", true)]
    [InlineData("Address", "192.0.2.7:2525", true)]
    [InlineData("Address", "systemd:inbound", true)]
    [InlineData("Transparent", "true", true)]
    [InlineData("ProxyProtocol", "Optional", true)]
    [InlineData("Address", "[::1]:2525", false)]
    [InlineData("Address", "unix:/run/in.sock", false)]
    public void Listener_ForOtherMachinesThatLeadsToTheSink_IsRefusedUnlessSaidSo(string setting, string value, bool isRefused)
    {
        foreach (var source in ((string, string?)[])[("Logging:LogLevel:Default", "Information"),
            ($"{Relays}:Destinations:own:Address", "smtp://127.0.0.1:2526")])
        {
            var values = Values(($"{Inbound}:{setting}", value), source);
            ProgramDefaults.Complete(values, maySink: true);
            Assert.Equal(isRefused, Problems(values)
                .Any(static p => p is { Key: $"{Inbound}:Address" }
                    && p.Text.Contains("SmtpProxy:Sink:AcceptPublic=true", StringComparison.Ordinal)));
            values["SmtpProxy:Sink:AcceptPublic"] = "true";
            Assert.DoesNotContain(Problems(values), static p => p.Text.Contains("embedded sink", StringComparison.Ordinal));
        }
    }

    private static Dictionary<string, string?> Values(params (string Key, string? Value)[] values)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in values.Where(static v => v.Value is not null))
        {
            all[key] = value;
        }

        return all;
    }

    private static IReadOnlyList<Problem> Problems(Dictionary<string, string?> values)
    {
        SettingsReader.Read(values, out var problems);
        return problems;
    }
}
