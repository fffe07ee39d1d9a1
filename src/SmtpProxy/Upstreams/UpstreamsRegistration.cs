using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace SmtpProxy.Upstreams;

/// <summary>Puts the relay pool together on YARP.</summary>
public static class UpstreamsRegistration
{
    /// <summary>Adds YARP with the <c>ReverseProxy</c> section, and <see cref="IRelayPool"/> on it. Clusters load only once
    /// <see cref="MapUpstreams"/> was called.</summary>
    public static IServiceCollection AddUpstreams(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddReverseProxy()
            .LoadFromConfig(configuration.GetSection(UpstreamsValidator.Section))
            .AddConfigFilter<SmtpClusterFilter>();
        services.RemoveKeyRing();
        services.TryAddSingleton<NameLookup>(static (host, cancel) => Dns.GetHostAddressesAsync(host, cancel));
        services.TryAddSingleton<RelayConnector>(OutgoingStream.ConnectAsync);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RelayTrusts>();
        services.AddSingleton<RelayDrains>();
        services.AddSingleton<RelayProbes>();
        services.AddHostedService<FirstLook>();
        services.AddSingleton<IForwarderHttpClientFactory, ProbingClientFactory>();
        services.AddSingleton<ILoadBalancingPolicy, ClientAddressPolicy>();
        services.AddSingleton<IDestinationResolver, RelayResolver>();
        services.AddSingleton<RelayHealth>();
        services.AddSingleton<IClusterChangeListener>(static s => s.GetRequiredService<RelayHealth>());
        services.AddSingleton<IPassiveHealthCheckPolicy>(static s => s.GetRequiredService<RelayHealth>());
        services.AddSingleton<RelayPool>();
        services.AddSingleton<IRelayPool>(static s => s.GetRequiredService<RelayPool>());
        services.AddSingleton<IUpstreamStates>(static s => s.GetRequiredService<RelayPool>());
        return services;
    }

    /// <summary>
    /// YARP brings what cookies of session affinity are encrypted with, whose keys would be read, or made and written to the home
    /// directory, at every start. No cluster of relays has such cookies.
    /// </summary>
    private static void RemoveKeyRing(this IServiceCollection services)
    {
        foreach (var service in services.Where(static s => s.ServiceType == typeof(IHostedService)
            && s.ImplementationType?.Namespace?.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal) == true)
                .ToList())
        {
            services.Remove(service);
        }
    }

    /// <summary>Loads the clusters, and serves the HTTP routes on the admin port.</summary>
    public static void MapUpstreams(this IEndpointRouteBuilder endpoints) => ForwardedRoute.Put(endpoints.MapReverseProxy());

    /// <summary>Takes a relay out of service, or puts it back: new sessions go elsewhere, those that it has go on.</summary>
    /// <param name="services">The process's services.</param>
    /// <param name="cluster">The cluster's id.</param>
    /// <param name="destination">The configured name.</param>
    /// <param name="drained">Whether it is to be out of service.</param>
    /// <returns>The relay, once for each address that its name has; nothing where there is no such relay.</returns>
    public static IReadOnlyList<RelayView> Drain(this IServiceProvider services, string cluster, string destination, bool drained)
    {
        ArgumentNullException.ThrowIfNull(services);
        IReadOnlyList<RelayView> Those() => [.. services.Relays().Where(r => r.Cluster == cluster && r.Destination == destination)];
        if (Those().Count == 0)
        {
            return [];
        }

        var drains = services.GetRequiredService<RelayDrains>();
        if (drained)
        {
            drains.Drain(cluster, destination);
        }
        else
        {
            drains.Undrain(cluster, destination);
        }

        return Those();
    }

    /// <summary>Every relay at this moment.</summary>
    public static IEnumerable<RelayView> Relays(this IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.GetRequiredService<RelayPool>().Views();
    }
}
