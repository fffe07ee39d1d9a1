using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Export;
using SmtpProxy.Telemetry.Journal;
using SmtpProxy.Telemetry.Privacy;

namespace SmtpProxy.Tests.Telemetry;

public sealed class TelemetryRegistrationTests
{
    [Fact]
    public void Privacy_Reloaded_AppliesAtOnce()
    {
        var configuration = Configuration(("SmtpProxy:Privacy:Addresses", "none"));
        using var privacy = new LivePrivacy(configuration);
        Assert.False(privacy.Filter.Shows);
        configuration["SmtpProxy:Privacy:Addresses"] = "full";
        configuration.Reload();
        Assert.Equal("a@example.org", System.Text.Encoding.ASCII.GetString(privacy.Filter.Apply("a@example.org"u8)!));
    }

    [Fact]
    public void Privacy_ReloadedWrong_KeepsTheLastGoodOne()
    {
        var configuration = Configuration(("SmtpProxy:Privacy:Addresses", "domain"));
        using var privacy = new LivePrivacy(configuration);
        configuration["SmtpProxy:Privacy:Addresses"] = "everything";
        configuration.Reload();
        Assert.Equal("example.org", System.Text.Encoding.ASCII.GetString(privacy.Filter.Apply("a@example.org"u8)!));
    }

    [Fact]
    public void Options_Wrong_AreRefusedAtStart()
    {
        using var services = new ServiceCollection()
            .AddLogging()
            .AddSmtpProxyTelemetry(Configuration(("SmtpProxy:Privacy:Addresses", "hash"), ("SmtpProxy:Journal:MaxExchanges", "0")))
            .BuildServiceProvider();
        var e = Assert.ThrowsAny<Exception>(() => services.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains("SmtpProxy:Privacy:HashKey", e.ToString(), StringComparison.Ordinal);
        Assert.Contains("SmtpProxy:Journal:MaxExchanges", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Journal_Off_GathersNothing()
    {
        using var services = new ServiceCollection().AddLogging().AddSmtpProxyTelemetry(Configuration()).BuildServiceProvider();
        Assert.Null(services.GetService<JournalQueue>());
    }

    /// <summary>A listener reaches the relays of its own cluster only: ten with five relays each have sixty ways.</summary>
    [Theory]
    [InlineData(0, 1, 1, 2_000, 200)]
    [InlineData(0, 10, 5, 30_000, 3_000)]
    [InlineData(0, 50, 500, 100_000, 100_000)]
    [InlineData(123, 50, 500, 123, 123)]
    public void SeriesLimit_Follows_ListenersAndTheirRelays(int configured, int listeners, int destinations, int withCodes, int without)
    {
        var keys = new List<(string, string?)>
            { ("SmtpProxy:Telemetry:CardinalityLimit", configured.ToString(System.Globalization.CultureInfo.InvariantCulture)) };
        keys.AddRange(Enumerable.Range(0, listeners).Select(i => ($"SmtpProxy:Listeners:l{i}:Cluster", (string?)$"c{i}")));
        keys.AddRange(Enumerable.Range(0, listeners * destinations)
            .Select(i => ($"ReverseProxy:Clusters:C{i % listeners}:Destinations:d{i}:Address", (string?)"smtp://x")));
        var limit = new SeriesLimit(Configuration([.. keys]));
        Assert.Equal(withCodes, limit.For("smtpproxy.replies"));
        Assert.Equal(without, limit.For("smtpproxy.sessions"));
    }

    private static IConfigurationRoot Configuration(params (string Key, string? Value)[] keys) =>
        new ConfigurationBuilder().AddInMemoryCollection(keys.Select(k => KeyValuePair.Create(k.Key, k.Value))).Build();
}
