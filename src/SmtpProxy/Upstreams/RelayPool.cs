using System.Net;
using System.Runtime.CompilerServices;
using SmtpProxy.Telemetry;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams;

/// <summary>The relays of YARP's clusters: picks by the cluster's load-balancing policy among those that are available, and counts sessions where the
/// policies look for them.</summary>
internal sealed class RelayPool : IRelayPool, IUpstreamStates
{
    /// <summary>How long a dial may take; RFC 5321 names no limit, MTAs use 30 s.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    [ThreadStatic]
    private static DefaultHttpContext? _context;

    private readonly IProxyStateLookup _clusters;
    private readonly RelayHealth _health;
    private readonly Dictionary<string, ILoadBalancingPolicy> _policies;
    private readonly ConditionalWeakTable<DestinationConfig, RelayAddress> _addresses = [];
    private readonly Lock _counting = new();

    public RelayPool(IProxyStateLookup clusters, RelayHealth health, IEnumerable<ILoadBalancingPolicy> policies)
    {
        _clusters = clusters;
        _health = health;
        _policies = policies.ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public bool TryPick(string cluster, EndPoint client, IReadOnlyList<IRelayLease> tried, out IRelayLease? lease, out string? why)
    {
        lease = null;
        if (!_clusters.TryGetCluster(cluster, out var state))
        {
            why = $"there is no cluster '{cluster}'";
            return false;
        }

        var candidates = Candidates(state, tried, out why);
        if (candidates.Count == 0)
        {
            return false;
        }

        var context = _context ??= new DefaultHttpContext();
        context.Connection.RemoteIpAddress = (client as IPEndPoint)?.Address;
        lock (_counting)
        {
            var picked = candidates.Count == 1 ? candidates[0] : Policy(state).PickDestination(context, state, candidates);
            if (picked is null || AddressOf(picked)?.EndPoint is not { } address)
            {
                why = $"no relay in cluster '{cluster}' is available";
                return false;
            }

            picked.ConcurrentRequestCount++;
            lease = new Lease(this, state, picked, address);
            return true;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<UpstreamState> Current() => Relays()
        .GroupBy(relay => (relay.Cluster.ClusterId, Name: NameOf(relay.Destination)))
        .Select(group => new UpstreamState(
            group.Key.ClusterId,
            group.Key.Name,
            group.Any(relay => IsUp(relay.Destination)),
            group.Sum(relay => relay.Destination.ConcurrentRequestCount)));

    /// <summary>Every relay with its cluster, for the admin side.</summary>
    public IEnumerable<RelayView> Views() => Relays().Select(relay =>
    {
        var counts = _health.Of(relay.Destination);
        return new RelayView(
            relay.Cluster.ClusterId,
            NameOf(relay.Destination),
            relay.Destination.Model.Config.Address,
            relay.Destination.Model.Config.Host,
            IsUp(relay.Destination),
            WhyDown(relay.Destination),
            relay.Destination.Health.Passive.ToString(),
            relay.Destination.ConcurrentRequestCount,
            counts[RelayReport.Greeted],
            counts[RelayReport.GreetingRefused],
            counts[RelayReport.ConnectFailed],
            counts[RelayReport.GreetingFailed]);
    });

    private static string NameOf(DestinationState destination) =>
        destination.Model.Config.Metadata?.TryGetValue(RelayResolver.NameKey, out var name) == true ? name : destination.DestinationId;

    private bool IsUp(DestinationState destination) =>
        destination.Health.Passive != DestinationHealth.Unhealthy && AddressOf(destination)?.EndPoint is not null;

    private string? WhyDown(DestinationState destination) =>
        IsUp(destination) ? null
        : AddressOf(destination)?.EndPoint is null ? "its name does not resolve"
        : $"{_health.Of(destination).FailuresInARow} failures in a row";

    private IEnumerable<(ClusterState Cluster, DestinationState Destination)> Relays() =>
        from cluster in _clusters.GetClusters()
        from destination in cluster.Destinations.Values
        where RelayAddress.IsSmtp(destination.Model.Config.Address)
        orderby cluster.ClusterId, destination.DestinationId
        select (cluster, destination);

    private IReadOnlyList<DestinationState> Candidates(ClusterState cluster, IReadOnlyList<IRelayLease> tried, out string? why)
    {
        why = null;
        var available = cluster.DestinationsState.AvailableDestinations;
        var isWhole = tried.Count == 0;
        for (var n = 0; n < available.Count && isWhole; n++)
        {
            isWhole = AddressOf(available[n])?.EndPoint is not null;
        }

        if (isWhole && available.Count > 0)
        {
            return available;
        }

        // Every available relay was tried: under HealthyOrPanic those that looked dead are worth a try, too, before mail is turned away.
        var rest = Untried(available, tried);
        if (rest.Count == 0 && Panics(cluster))
        {
            rest = Untried(cluster.DestinationsState.AllDestinations, tried);
        }

        if (rest.Count == 0)
        {
            var unresolved = cluster.DestinationsState.AllDestinations.FirstOrDefault(d => AddressOf(d)?.EndPoint is null);
            why = unresolved is not null ? $"the name of relay '{NameOf(unresolved)}' does not resolve" : $"no relay in cluster '{cluster.ClusterId}' is available";
        }

        return rest;
    }

    private List<DestinationState> Untried(IReadOnlyList<DestinationState> destinations, IReadOnlyList<IRelayLease> tried) =>
        [.. destinations.Where(d => AddressOf(d)?.EndPoint is not null && !tried.Any(t => ((Lease)t).State == d))];

    private static bool Panics(ClusterState cluster) =>
        cluster.Model.Config.HealthCheck?.AvailableDestinationsPolicy is not { } policy
        || policy.Equals(HealthCheckConstants.AvailableDestinations.HealthyOrPanic, StringComparison.OrdinalIgnoreCase);

    private ILoadBalancingPolicy Policy(ClusterState cluster) =>
        _policies[cluster.Model.Config.LoadBalancingPolicy ?? LoadBalancingPolicies.PowerOfTwoChoices];

    private RelayAddress? AddressOf(DestinationState destination)
    {
        var config = destination.Model.Config;
        if (_addresses.TryGetValue(config, out var known))
        {
            return known;
        }

        if (RelayAddress.TryRead(config.Address, out var address) is not null)
        {
            return null;
        }

        _addresses.AddOrUpdate(config, address!);
        return address;
    }

    /// <summary>One session's hold on a relay.</summary>
    private sealed class Lease(RelayPool pool, ClusterState cluster, DestinationState destination, IPEndPoint address) : IRelayLease
    {
        private readonly string _configured = destination.Model.Config.Address;
        private int _disposed;

        public DestinationState State => destination;

        public string Cluster => cluster.ClusterId;

        public string Destination { get; } = NameOf(destination);

        public EndPoint Address => address;

        public TimeSpan ConnectTimeout => RelayPool.ConnectTimeout;

        public void Report(RelayReport report) => pool._health.Report(cluster, destination, _configured, report);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                lock (pool._counting)
                {
                    destination.ConcurrentRequestCount--;
                }
            }
        }
    }
}
