using System.Globalization;
using System.Security.Cryptography;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;

namespace SmtpProxy.Testcontainers;

/// <summary>Builds a container with SmtpProxy. Without a relay it discards all mail; faults are allowed, duplicates and losses included.
/// It has started when it is ready for mail.</summary>
public sealed class SmtpProxyBuilder : ContainerBuilder<SmtpProxyBuilder, SmtpProxyContainer, SmtpProxyConfiguration>
{
    /// <summary>Where it takes mail, inside.</summary>
    public const ushort SmtpPort = 2525;

    /// <summary>Where its API is, inside.</summary>
    public const ushort AdminPort = 9025;

    private const string Relay = "ReverseProxy__Clusters__relays__Destinations__relay__Address";

    /// <summary>Begins one.</summary>
    /// <param name="image">The image, such as <c>smtpproxy:0.1.0</c>: the one that the Dockerfile makes.</param>
    public SmtpProxyBuilder(string image)
        : this(new SmtpProxyConfiguration(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)))) =>
        DockerResourceConfiguration = Init().WithImage(image).DockerResourceConfiguration;

    private SmtpProxyBuilder(SmtpProxyConfiguration configuration)
        : base(configuration) => DockerResourceConfiguration = configuration;

    /// <inheritdoc/>
    protected override SmtpProxyConfiguration DockerResourceConfiguration { get; }

    /// <summary>Mail goes to this relay.</summary>
    /// <param name="host">Its name in the network of the container.</param>
    /// <param name="port">Its port.</param>
    public SmtpProxyBuilder WithRelay(string host, ushort port = 25) =>
        WithEnvironment(Relay, string.Create(CultureInfo.InvariantCulture, $"smtp://{host}:{port}"));

    /// <summary>What draws of faults are made from: the same seed and the same mail give the same faults. 1 unless said.</summary>
    /// <param name="seed">From 1.</param>
    public SmtpProxyBuilder WithSeed(int seed) => WithSetting("SmtpProxy:Faults:Seed", seed.ToString(CultureInfo.InvariantCulture));

    /// <summary>Any other setting of the proxy.</summary>
    /// <param name="key">Its whole key, such as <c>SmtpProxy:Limits:Command</c>.</param>
    /// <param name="value">Its value.</param>
    public SmtpProxyBuilder WithSetting(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);
    }

    /// <inheritdoc/>
    public override SmtpProxyContainer Build()
    {
        Validate();
        return new SmtpProxyContainer(DockerResourceConfiguration);
    }

    /// <inheritdoc/>
    protected override SmtpProxyBuilder Init() => base.Init()
        .WithPortBinding(SmtpPort, assignRandomHostPort: true)
        .WithPortBinding(AdminPort, assignRandomHostPort: true)
        // Ports of a container are reached from outside it: the token is the lock.
        .WithSetting("Kestrel:Endpoints:Admin:Url", string.Create(CultureInfo.InvariantCulture, $"http://0.0.0.0:{AdminPort}"))
        .WithSetting("SmtpProxy:Admin:BearerToken", DockerResourceConfiguration.Token!)
        .WithSetting("SmtpProxy:Sink:AcceptPublic", "true")
        .WithEnvironment("DOTNET_ENVIRONMENT", "Test")
        .WithSetting("SmtpProxy:Faults:Enabled", "true")
        .WithSetting("SmtpProxy:Faults:AllowDuplicateRisk", "true")
        .WithSetting("SmtpProxy:Faults:AllowLossRisk", "true")
        .WithSetting("SmtpProxy:Faults:MaxTtl", "1.00:00:00")
        .WithSetting("SmtpProxy:Faults:AutoHaltRatio", "1")
        .WithSetting("SmtpProxy:Privacy:Addresses", "full")
        .WithSetting("SmtpProxy:Telemetry:ReadMessageId", "true")
        .WithSeed(1)
        .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(
            static request => request.ForPort(AdminPort).ForPath("/readyz")));

    /// <inheritdoc/>
    protected override SmtpProxyBuilder Clone(IResourceConfiguration<CreateContainerParameters> resourceConfiguration) =>
        Merge(DockerResourceConfiguration, new SmtpProxyConfiguration(resourceConfiguration));

    /// <inheritdoc/>
    protected override SmtpProxyBuilder Clone(IContainerConfiguration resourceConfiguration) =>
        Merge(DockerResourceConfiguration, new SmtpProxyConfiguration(resourceConfiguration));

    /// <inheritdoc/>
    protected override SmtpProxyBuilder Merge(SmtpProxyConfiguration oldValue, SmtpProxyConfiguration newValue) =>
        new(new SmtpProxyConfiguration(oldValue, newValue));
}
