using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams.Probing;

/// <summary>Asks each relay once after the start what it offers, so that one that trusts the proxy is known before a client finds out
/// (<see cref="RelayTrusts"/>). What cannot be asked is left alone: this says nothing of health, and nobody waits for it.</summary>
internal sealed partial class FirstLook(
    IProxyStateLookup clusters, RelayProbes probes, IHostApplicationLifetime life, ILogger<FirstLook> log,
    DiscardingRelays? discarding = null) : BackgroundService
{
    private const int AtOnce = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var start = life.ApplicationStarted.Register(started.SetResult);
        using var stop = stoppingToken.Register(() => started.TrySetCanceled(stoppingToken));
        try
        {
            await started.Task.ConfigureAwait(false);
            await Parallel.ForEachAsync(
                Relays(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
                (relay, cancel) => LookAsync(relay.Cluster, relay.Relay, cancel)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: it matters no more.
        }
    }

    /// <summary>Those that are probed anyway are asked by that.</summary>
    private List<(ClusterState Cluster, DestinationState Relay)> Relays() =>
    [
        .. from cluster in clusters.GetClusters()
           where cluster.Model.Config.HealthCheck?.Active is not { Enabled: true }
           from relay in cluster.Destinations.Values
           where RelayMetadata.Of(cluster, relay, RelayMetadata.AskAtStart) is not { } said || !bool.TryParse(said, out var asks) || asks
           where RelayAddress.TryRead(relay.Model.Config.Address, out var address) is null && address!.EndPoint is { } at
               && discarding?.Contains(at) != true
           select (cluster, relay),
    ];

    private async ValueTask LookAsync(ClusterState cluster, DestinationState relay, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            await probes.LookAsync(cluster, relay, patience.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A look that fails must not end the process.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(e, relay.DestinationId, cluster.ClusterId);
        }
    }

    [LoggerMessage(EventId = 314, Level = LogLevel.Warning,
        Message = "Relay {Relay} of cluster {Cluster} could not be asked what it offers")]
    private partial void LogFailed(Exception e, string relay, string cluster);
}
