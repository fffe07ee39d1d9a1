using System.Net;
using System.Runtime.CompilerServices;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Tls;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams;

/// <summary>The relays of YARP's clusters: picks by the cluster's load-balancing policy among those that are available, and counts sessions
/// where the policies look for them.</summary>
internal sealed class RelayPool : IRelayPool, IUpstreamStates
{

    [ThreadStatic]
    private static DefaultHttpContext? _context;

    private readonly IProxyStateLookup _clusters;
    private readonly RelayHealth _health;
    private readonly RelayProbes _probes;
    private readonly RelayTrusts _trusts;
    private readonly RelayDrains _drains;
    private readonly DiscardingRelays? _discarding;
    private readonly Dictionary<string, ILoadBalancingPolicy> _policies;
    private readonly ConditionalWeakTable<DestinationConfig, RelayAddress> _addresses = [];
    private readonly Lock _counting = new();

    /// <summary>Relays that have sessions: also those that no cluster has any more.</summary>
    private readonly Dictionary<DestinationState, ClusterState> _used = [];

    public RelayPool(IProxyStateLookup clusters, RelayHealth health, RelayProbes probes, IEnumerable<ILoadBalancingPolicy> policies,
        RelayTrusts trusts, RelayDrains drains,
        DiscardingRelays? discarding = null)
    {
        _discarding = discarding;
        (_probes, _trusts, _drains) = (probes, trusts, drains);
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

            if (picked.ConcurrentRequestCount++ == 0)
            {
                _used[picked] = state;
            }

            lease = new Lease(this, state, picked, address);
            return true;
        }
    }

    /// <inheritdoc/>
    public bool Introduces(string cluster) => Any(cluster, static (state, relay) => RelayIdentity.Of(state, relay).XClientAs is not null);

    /// <inheritdoc/>
    public bool Encrypts(string cluster) => Any(cluster, Encrypts);

    /// <inheritdoc/>
    public int Size(string cluster)
    {
        var size = 0;
        _ = Any(cluster, (_, _) => ++size < 0);
        return size;
    }

    /// <inheritdoc/>
    public IEnumerable<UpstreamState> Current() => Relays()
        .GroupBy(relay => (relay.Cluster.ClusterId, Name: NameOf(relay.Destination)))
        .Select(group => new UpstreamState(
            group.Key.ClusterId,
            group.Key.Name,
            RelayStates.All.First(state => group.Any(relay => Standing(relay.Cluster, relay.Destination).State == state)),
            group.Sum(relay => relay.Destination.ConcurrentRequestCount),
            group.Any(relay => Discards(relay.Destination)),
            group.Select(relay => _trusts.Of(relay.Cluster, relay.Destination)).Max(),
            group.Any(relay => Encrypts(relay.Cluster, relay.Destination))));

    /// <summary>Every relay with its cluster, and those that were removed and still have sessions, for the admin side.</summary>
    public IEnumerable<RelayView> Views()
    {
        var all = Relays().ToList();
        KeyValuePair<DestinationState, ClusterState>[] used;
        lock (_counting)
        {
            used = [.. _used];
        }

        var removed = used.Where(u => !all.Exists(r => r.Destination == u.Key)).Select(static u => (u.Value, u.Key));
        return all.Select(r => View(r.Cluster, r.Destination, isRemoved: false))
            .Concat(removed.Select(r => View(r.Value, r.Key, isRemoved: true)));
    }

    private RelayView View(ClusterState cluster, DestinationState relay, bool isRemoved)
    {
        var counts = _health.Of(relay);
        var probe = _probes.Of(relay);
        var (state, why) = isRemoved ? (RelayStates.Draining, "removed from the configuration; its sessions go on")
            : Standing(cluster, relay);
        return new RelayView(
            cluster.ClusterId, NameOf(relay), relay.Model.Config.Address, relay.Model.Config.Host,
            state == RelayStates.Up, state, why, Discards(relay), _trusts.Of(cluster, relay),
            RelayMetadata.IsTrue(cluster, relay, RelayMetadata.Backup),
            relay.Health.Passive.ToString(), relay.Health.Active.ToString(), relay.ConcurrentRequestCount,
            counts[RelayReport.Greeted], counts[RelayReport.GreetingRefused], counts[RelayReport.ConnectFailed],
            counts[RelayReport.TlsFailed], counts[RelayReport.GreetingFailed],
            counts[RelayReport.IntroductionFailed] + counts[RelayReport.IntroductionRefused],
            counts.Last, probe?.Greeting, probe?.Capabilities ?? [], probe,
            AddressOf(relay) is { } address ? RelayCertificate.Of(RelaySecurity.Of(cluster, relay, address).Shown) : null);
    }

    private bool Encrypts(ClusterState cluster, DestinationState relay) =>
        AddressOf(relay) is { } address
        && RelaySecurity.Of(cluster, relay, address).Mode is not (RelayTlsMode.AsClient or RelayTlsMode.None);

    private bool Discards(DestinationState relay) => _discarding?.Contains(AddressOf(relay)?.EndPoint) == true;

    private static string NameOf(DestinationState destination) =>
        destination.Model.Config.Metadata?.TryGetValue(RelayResolver.NameKey, out var name) == true ? name : destination.DestinationId;

    private string? WhyDown(DestinationState destination, ClusterState cluster) =>
        AddressOf(destination)?.EndPoint is null ? "its name does not resolve"
        : destination.Health.Passive == DestinationHealth.Unhealthy ? Failures(_health.Of(destination))
        : cluster.Model.Config.HealthCheck?.Active is { Enabled: true } && destination.Health.Active == DestinationHealth.Unhealthy
            ? $"probe: {_probes.Of(destination)?.Failure ?? "failed"}"
        : null;

    private (string State, string? Why) Standing(ClusterState cluster, DestinationState relay) =>
        IsDrained(cluster, relay) ? (RelayStates.Draining, "taken out of service; its sessions go on")
        : WhyDown(relay, cluster) is { } why ? (RelayStates.Down, why)
        : _health.IsOnTrial(cluster, relay) && !IsProbedSince(relay)
        ? (RelayStates.Trying, $"{Failures(_health.Of(relay))}; it is tried again and has not answered yet")
        : (RelayStates.Up, null);

    private bool IsDrained(ClusterState cluster, DestinationState relay) =>
        _drains.Any && _drains.Contains(cluster.ClusterId, NameOf(relay));

    private bool IsProbedSince(DestinationState relay) =>
        _probes.Of(relay) is { Failure: null } probe && !(_health.Of(relay).Last?.At > probe.At);

    private static string Failures(RelayHealth.Counts counts) => $"{counts.FailuresInARow} failures in a row" + counts.Last?.What switch
    {
        RelayHealth.Counts.TlsFailed => ", the last: TLS with it could not be established",
        RelayHealth.Counts.IntroductionFailed => ", the last: it does not take XCLIENT from this proxy",
        _ => "",
    };

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
        var isWhole = tried.Count == 0 && !_drains.Any;
        for (var n = 0; n < available.Count && isWhole; n++)
        {
            isWhole = AddressOf(available[n])?.EndPoint is not null && !IsBackup(cluster, available[n]);
        }

        if (isWhole && available.Count > 0)
        {
            return available;
        }

        // Every available relay was tried: under HealthyOrPanic those that looked dead are worth a try, too, before mail is turned away.
        var rest = Untried(cluster, available, tried);
        if (rest.Count == 0 && Panics(cluster))
        {
            rest = Untried(cluster, cluster.DestinationsState.AllDestinations, tried);
        }

        if (rest.Count == 0)
        {
            var unresolved = cluster.DestinationsState.AllDestinations.FirstOrDefault(d => AddressOf(d)?.EndPoint is null);
            why = cluster.DestinationsState.AllDestinations.All(d => IsDrained(cluster, d))
                ? $"every relay of cluster '{cluster.ClusterId}' was taken out of service"
                : unresolved is not null ? $"the name of relay '{NameOf(unresolved)}' does not resolve"
                : $"no relay in cluster '{cluster.ClusterId}' is available";
        }

        return rest;
    }

    /// <summary>Those left to try; backups only when nothing else is left.</summary>
    private List<DestinationState> Untried(ClusterState cluster, IReadOnlyList<DestinationState> destinations,
        IReadOnlyList<IRelayLease> tried)
    {
        List<DestinationState> all = [.. destinations.Where(d => AddressOf(d)?.EndPoint is not null && !IsDrained(cluster, d)
            && !tried.Any(t => ((Lease)t).State == d))];
        var primaries = all.FindAll(d => !IsBackup(cluster, d));
        return primaries.Count > 0 ? primaries : all;
    }

    private static bool IsBackup(ClusterState cluster, DestinationState destination) =>
        destination.Model.Config.Metadata is { Count: > 0 } && RelayMetadata.IsTrue(cluster, destination, RelayMetadata.Backup);

    private bool Any(string cluster, Func<ClusterState, DestinationState, bool> holds)
    {
        if (!_clusters.TryGetCluster(cluster, out var state))
        {
            return false;
        }

        foreach (var relay in state.DestinationsState.AllDestinations)
        {
            if (holds(state, relay))
            {
                return true;
            }
        }

        return false;
    }

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

        public RelayIdentity Identity { get; } = RelayIdentity.Of(cluster, destination);

        public RelayTls Tls => RelaySecurity.Of(cluster, destination, pool.AddressOf(destination)!);

        public void Offers(TrustOffer offered) => pool._trusts.Saw(cluster, destination, offered);

        public void Report(RelayReport report) => pool._health.Report(cluster, destination, _configured, report);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                lock (pool._counting)
                {
                    if (--destination.ConcurrentRequestCount == 0)
                    {
                        pool._used.Remove(destination);
                    }
                }
            }
        }
    }
}
