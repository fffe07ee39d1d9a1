using Microsoft.Extensions.Configuration;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Rules;

namespace SmtpProxy.Tests.Configuration;

public sealed class OpenRelayRulesTests
{
    private const string Listener = "SmtpProxy:Listeners:inbound";
    private const string Cluster = "ReverseProxy:Clusters:relays";

    [Theory]
    [InlineData("smtp://127.0.0.1:10025", true)]
    [InlineData("smtp://localhost:10025", true)]
    [InlineData("smtp://0.0.0.0:10025", true)]
    [InlineData("smtp://[::1]:10025", true)]
    [InlineData("smtp://[::ffff:10.1.2.3]", true)]
    [InlineData("smtps://10.1.2.3", true)]
    [InlineData("smtp://172.31.0.1", true)]
    [InlineData("smtp://192.168.1.1", true)]
    [InlineData("smtp://169.254.1.1", true)]
    [InlineData("smtp://100.64.1.1", true)]
    [InlineData("smtp://[fd00::1]", true)]
    [InlineData("smtp://[fe80::1]", true)]
    [InlineData("smtp://172.32.0.1", false)]
    [InlineData("smtp://198.51.100.1", false)]
    [InlineData("smtp://[2001:db8::1]", false)]
    [InlineData("smtp://mx.example.org", false)]
    public void Warnings_ByTheRelaysAddress(string relay, bool isWarned) =>
        Assert.Equal(isWarned, IsWarned(($"{Cluster}:Destinations:mx:Address", relay)));

    [Theory]
    [InlineData($"{Listener}:Address", "127.0.0.1:25", false)]
    [InlineData($"{Listener}:Address", "[::1]:25", false)]
    [InlineData($"{Listener}:Address", "localhost:25", false)]
    [InlineData($"{Listener}:Address", "unix:/run/in.sock", false)]
    [InlineData($"{Listener}:Address", "systemd:inbound", true)]
    [InlineData($"{Listener}:Address", "10.0.0.1:25", true)]
    [InlineData($"{Listener}:Allow", "10.0.0.0/8,127.0.0.1,fd00::/8", false)]
    [InlineData($"{Listener}:Allow", "10.0.0.0/8,203.0.113.0/24", true)]
    [InlineData($"{Listener}:Allow", "10.0.0.0/7", true)]
    [InlineData($"{Listener}:Allow", "0.0.0.0/0", true)]
    [InlineData($"{Cluster}:Metadata:Smtp.ProxyProtocol", "V2", false)]
    [InlineData($"{Cluster}:Metadata:Smtp.ProxyProtocol", "None", false)]
    [InlineData($"{Cluster}:Metadata:Smtp.XClient", "true", false)]
    [InlineData($"{Cluster}:Metadata:Smtp.XClient", "false", true)]
    [InlineData($"{Cluster}:Metadata:Smtp.Transparent", "true", false)]
    [InlineData($"{Cluster}:Destinations:mx:Metadata:Smtp.XClient", "true", false)]
    public void Warnings_ByAnotherSetting(string key, string value, bool isWarned) =>
        Assert.Equal(isWarned, IsWarned(($"{Cluster}:Destinations:mx:Address", "smtp://127.0.0.1:10025"), (key, value)));

    [Theory]
    [InlineData("Transparent", "true")]
    [InlineData("ProxyProtocol", "Required")]
    public void Warnings_OnLoopbackButHandedTheClientsOfOthers_AreThere(string key, string value) =>
        Assert.True(IsWarned(($"{Cluster}:Destinations:mx:Address", "smtp://127.0.0.1:10025"), ($"{Listener}:Address", "127.0.0.1:25"),
            ($"{Listener}:{key}", value)));

    [Fact]
    public void Warnings_OfADestinationThatTakesBackItsClustersWay_NameItAndTheSettings()
    {
        var warning = Assert.Single(Warnings(
            ($"{Cluster}:Destinations:a:Address", "smtp://127.0.0.1:10025"),
            ($"{Cluster}:Destinations:b:Address", "smtp://127.0.0.1:10026"),
            ($"{Cluster}:Metadata:Smtp.XClient", "true"), ($"{Cluster}:Destinations:b:Metadata:Smtp.XClient", "false")));
        Assert.StartsWith(
            $"{Listener}:Address: clients on other machines can reach it, and b (smtp://127.0.0.1:10026) sees the proxy's address in " +
                $"place of theirs", warning, StringComparison.Ordinal);
        Assert.Contains($"{Cluster}:Metadata:Smtp.ProxyProtocol=V2 (--proxy-protocol v2)", warning, StringComparison.Ordinal);
        Assert.Contains($"{Listener}:Allow", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_OfTheSinkOnPurpose_AreNotThere() =>
        Assert.False(IsWarned(($"{Cluster}:Destinations:sink:Address", "smtp://127.0.0.1:2526"), ("SmtpProxy:Sink:AcceptPublic", "true")));

    private static bool IsWarned(params (string Key, string Value)[] values) => Warnings(values).Any();

    private static IEnumerable<string> Warnings(params (string Key, string Value)[] values)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { [$"{Listener}:Address"] = "0.0.0.0:25" };
        foreach (var (key, value) in values)
        {
            all[key] = value;
        }

        ProgramDefaults.Complete(all, maySink: true);
        var settings = SettingsReader.Read(all, out _);
        var clusters = new ConfigurationBuilder().AddInMemoryCollection(all).Build().GetSection("ReverseProxy:Clusters");
        return OpenRelayRules.Warnings(OpenRelayRules.Find(settings, clusters).Where(static r => r.IsNear));
    }
}
