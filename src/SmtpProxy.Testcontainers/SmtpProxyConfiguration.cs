using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;

namespace SmtpProxy.Testcontainers;

/// <summary>What a container is made with.</summary>
public sealed class SmtpProxyConfiguration : ContainerConfiguration
{
    /// <summary>Begins one.</summary>
    /// <param name="token">What the admin side is asked with.</param>
    public SmtpProxyConfiguration(string? token = null) => Token = token;

    /// <summary>One with what any resource has.</summary>
    public SmtpProxyConfiguration(IResourceConfiguration<CreateContainerParameters> resourceConfiguration)
        : base(resourceConfiguration)
    {
    }

    /// <summary>One with what any container has.</summary>
    public SmtpProxyConfiguration(IContainerConfiguration resourceConfiguration)
        : base(resourceConfiguration)
    {
    }

    /// <summary>Two together, of which the newer wins.</summary>
    public SmtpProxyConfiguration(SmtpProxyConfiguration oldValue, SmtpProxyConfiguration newValue)
        : base(oldValue, newValue) => Token = newValue?.Token ?? oldValue?.Token;

    /// <summary>What the admin side is asked with.</summary>
    public string? Token { get; }
}
