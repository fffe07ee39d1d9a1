using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;

namespace SmtpProxy.Upstreams;

/// <summary>Looks at every cluster before YARP takes it, at start and at each reload: a cluster of relays gets its ports and the health
/// checking that fits relays; what is no SMTP address is refused, and a bad reload leaves the last good one in force.</summary>
internal sealed class SmtpClusterFilter : IProxyConfigFilter
{
    /// <summary>How long a relay that failed is left alone, unless the cluster says otherwise.</summary>
    public static readonly TimeSpan ReactivationPeriod = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        if (cluster.Destinations is not { } destinations || !IsOfRelays(cluster))
        {
            return new(cluster);
        }

        var health = cluster.HealthCheck ?? new HealthCheckConfig();
        var passive = health.Passive ?? new PassiveHealthCheckConfig();
        return new(cluster with
        {
            Destinations = destinations.ToDictionary(d => d.Key, d => Complete(cluster.ClusterId, d.Key, d.Value),
                StringComparer.OrdinalIgnoreCase),
            HealthCheck = health with
            {
                Passive = passive with
                {
                    Enabled = passive.Enabled ?? true,
                    Policy = RelayHealth.PolicyName.Equals(passive.Policy, StringComparison.OrdinalIgnoreCase)
                        ? RelayHealth.PolicyName : passive.Policy ?? RelayHealth.PolicyName,
                    ReactivationPeriod = passive.ReactivationPeriod ?? ReactivationPeriod,
                },
                // When every relay looks dead, one more try costs a refused connection; turning mail away unasked costs mail.
                AvailableDestinationsPolicy = health.AvailableDestinationsPolicy
                    ?? HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            },
        });
    }

    /// <inheritdoc/>
    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) =>
        cluster is not null && IsOfRelays(cluster)
            ? throw new InvalidOperationException(
                $"{UpstreamsValidator.Section}:Routes:{route.RouteId}:ClusterId: {RouteRules.OntoRelays(cluster.ClusterId)}")
            : new(route);

    private static bool IsOfRelays(ClusterConfig cluster) => cluster.Destinations?.Values.Any(d => RelayAddress.IsSmtp(d.Address)) ?? false;

    private static DestinationConfig Complete(string cluster, string name, DestinationConfig destination) =>
        UpstreamsValidator.AddressError(destination.Address, out var address) is { } error
            ? throw new InvalidOperationException($"{UpstreamsValidator.Section}:Clusters:{cluster}:Destinations:{name}:Address: {error}")
            : destination with { Address = address!.ToString() };
}
