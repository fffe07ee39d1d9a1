using System.Net;
using SmtpProxy.Tls;
using SmtpProxy.Transport.ProxyProtocol;
using SmtpProxy.Upstreams.Probing;
using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace SmtpProxy.Upstreams;

/// <summary>Asks every relay of a configuration how it is, each once and all at a time, without a proxy that runs: what
/// <c>check --ask</c> shows.</summary>
internal static class RelayInquiry
{
    private const int AtOnce = 16;

    /// <summary>How long one relay may take, from the connection to its reply to EHLO.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks.</summary>
    /// <param name="configuration">A configuration that was found good.</param>
    /// <param name="isSink">Whether an address is the embedded sink's, which does not run.</param>
    /// <param name="progress">Hears how many of how many have been asked; from any thread.</param>
    /// <param name="cancel">Nobody wants to know any more.</param>
    /// <returns>The answers, by cluster and destination. A name with several addresses has one for each.</returns>
    public static async Task<IReadOnlyList<RelayAnswer>> AskAsync(
        IConfiguration configuration, Func<IPEndPoint, bool> isSink, Action<int, int> progress, CancellationToken cancel)
    {
        await using var services = new ServiceCollection().AddLogging().AddUpstreams(configuration).BuildServiceProvider();
        var relays = await RelaysAsync(services, cancel).ConfigureAwait(false);
        var probe = new SmtpProbe(services.GetRequiredService<RelayConnector>(), services.GetRequiredService<TimeProvider>());
        var (answers, done) = (new RelayAnswer[relays.Count], 0);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, relays.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (n, stop) =>
            {
                answers[n] = await AskAsync(probe, relays[n].Cluster, relays[n].Relay, isSink, stop).ConfigureAwait(false);
                progress(Interlocked.Increment(ref done), relays.Count);
            }).ConfigureAwait(false);
        return answers;
    }

    private static async Task<RelayAnswer> AskAsync(SmtpProbe probe, ClusterState cluster, DestinationState relay,
        Func<IPEndPoint, bool> isSink, CancellationToken cancel)
    {
        var config = relay.Model.Config;
        _ = RelayAddress.TryRead(config.Address, out var address);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        var outcome = address!.EndPoint is { } at && isSink(at)
            ? null
            : await probe.RunAsync(PlanOf(cluster, relay, address), patience.Token).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        var name = config.Metadata?.GetValueOrDefault(RelayResolver.NameKey) ?? relay.DestinationId;
        return new RelayAnswer(cluster.ClusterId, name, config.Address, config.Host, outcome)
        {
            IsToldClients = RelayTrusts.Introduces(cluster, relay),
            IsSentHeader = RelayIdentity.Of(cluster, relay).Proxy != ProxyVersion.None,
            NeedsXClient = RelayIdentity.Of(cluster, relay).XClientAs is not null,
        };
    }

    /// <summary>As far as a session's own TLS with the relay goes, and at least as far as what it offers.</summary>
    private static ProbePlan PlanOf(ClusterState cluster, DestinationState relay, RelayAddress address)
    {
        var plan = RelayProbes.PlanOf(cluster, relay, address);
        return plan.Tls.Mode == RelayTlsMode.Opportunistic && plan.Depth != ProbeDepth.StartTls
            ? plan with { Depth = ProbeDepth.StartTls, IsTlsOptional = true }
            : plan.Depth == ProbeDepth.Greeting ? plan with { Depth = ProbeDepth.Ehlo }
            : plan;
    }

    /// <summary>The relays as the proxy would have them: with their default ports, and one for each address of a name.</summary>
    private static async Task<IReadOnlyList<(ClusterState Cluster, DestinationState Relay)>> RelaysAsync(IServiceProvider services,
        CancellationToken cancel)
    {
        var filter = new SmtpClusterFilter();
        var resolver = services.GetRequiredService<IDestinationResolver>();
        var relays = new List<(ClusterState, DestinationState)>();
        using var nobody = new HttpMessageInvoker(new HttpClientHandler());
        foreach (var configured in services.GetRequiredService<IProxyConfigProvider>().GetConfig().Clusters
            .OrderBy(static c => c.ClusterId, StringComparer.OrdinalIgnoreCase))
        {
            var config = await filter.ConfigureClusterAsync(configured, cancel).ConfigureAwait(false);
            var cluster = new ClusterState(config.ClusterId, new ClusterModel(config, nobody));
            var resolved = await resolver.ResolveDestinationsAsync(config.Destinations ?? new Dictionary<string, DestinationConfig>(),
                cancel).ConfigureAwait(false);
            relays.AddRange(
                from destination in resolved.Destinations
                where RelayAddress.TryRead(destination.Value.Address, out _) is null
                orderby destination.Key
                select (cluster, new DestinationState(destination.Key, new DestinationModel(destination.Value))));
        }

        return relays;
    }
}
