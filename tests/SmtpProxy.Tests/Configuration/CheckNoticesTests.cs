using Microsoft.Extensions.Configuration;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Faults;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Configuration;

/// <summary>What <c>check</c> says of configurations that are valid.</summary>
public sealed class CheckNoticesTests
{
    [Fact]
    public void Ordinary_HasNothingToSay() =>
        Assert.Empty(CheckNotices.Of(new Settings { Limits = new SessionLimits { MaxSessions = 100 } },
            Clusters(("a:Destinations:one:Address", "smtp://a")), "Production", 1024));

    [Theory]
    [InlineData("Production", 1)]
    [InlineData("Staging", 0)]
    public void Faults_InProduction_AreNamed(string environment, int notices) =>
        Assert.Equal(notices, CheckNotices.Of(new Settings
            { Faults = new FaultsOptions { Enabled = true }, Limits = new SessionLimits { MaxSessions = 1 } }, Clusters(), environment,
            null).Count());

    [Theory]
    [InlineData(null, 1)]
    [InlineData("false", 1)]
    [InlineData("true", 0)]
    public void Relays_SeveralWithoutAHealthCheck_AreNamed(string? enabled, int notices) =>
        Assert.Equal(notices, CheckNotices.Of(new Settings { Limits = new SessionLimits { MaxSessions = 1 } },
            Clusters(("a:Destinations:one:Address", "smtp://a"), ("a:Destinations:two:Address", "smtp://b"),
                ("a:HealthCheck:Active:Enabled", enabled)), "Production", null).Count());

    [Fact]
    public void Sessions_WithoutALimit_OrWithMoreThanThereAreFiles_AreNamed()
    {
        Assert.Contains("0 is no limit",
            Assert.Single(CheckNotices.Of(new Settings { Limits = new SessionLimits { MaxSessions = 0 } }, Clusters(), "Production", 1024)),
            StringComparison.Ordinal);
        Assert.Contains("this shell allows 1024; a service has a limit of its own",
            Assert.Single(CheckNotices.Of(new Settings { Limits = new SessionLimits { MaxSessions = 5000 } }, Clusters(), "Production",
                1024)), StringComparison.Ordinal);
    }

    /// <summary>A shell's limit says nothing of a service.</summary>
    [Theory]
    [InlineData(4096L, 1)]
    [InlineData(524_288L, 0)]
    [InlineData(null, 0)]
    public void Sessions_WithMoreThanTheServiceMayOpen_AreNamed(long? files, int notices)
    {
        var settings = new Settings { Limits = new SessionLimits { MaxSessions = 5000 } };
        var said = CheckNotices.Of(settings, Clusters(), "Production", 1024, new InstalledUnit("/etc/systemd/system/smtpproxy.service",
            files)).ToList();
        Assert.Equal(notices, said.Count);
        Assert.All(said, static one => Assert.Contains("4096 (LimitNOFILE, /etc/systemd/system/smtpproxy.service)", one,
            StringComparison.Ordinal));
    }

    private static IConfigurationSection Clusters(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(static v => KeyValuePair.Create($"ReverseProxy:Clusters:{v.Key}", v.Value))).Build()
            .GetSection("ReverseProxy:Clusters");
}
