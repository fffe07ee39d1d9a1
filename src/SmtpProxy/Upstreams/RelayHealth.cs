using System.Globalization;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams;

/// <summary>Passive health of relays: several failures in a row to connect or to get a greeting take a relay out for a while. A greeting of 4yz or
/// 5yz is no failure: the relay is there, and what it has against one client may not concern the next.</summary>
internal sealed partial class RelayHealth(IDestinationHealthUpdater updater, ILogger<RelayHealth> log) : IPassiveHealthCheckPolicy
{
    /// <summary>Its name in <c>HealthCheck:Passive:Policy</c>.</summary>
    public const string PolicyName = "SmtpFailures";

    /// <summary>The cluster's <c>Metadata</c> key for the number of failures in a row.</summary>
    public const string ThresholdKey = "SmtpFailures.Threshold";

    private const int DefaultThreshold = 3;
    private readonly ConditionalWeakTable<DestinationState, Counts> _counts = [];

    /// <inheritdoc/>
    public string Name => PolicyName;

    /// <summary>HTTP requests are not what it judges by.</summary>
    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
    }

    /// <summary>What was reported of a relay since the start.</summary>
    public Counts Of(DestinationState destination) => _counts.GetValue(destination, static _ => new Counts());

    /// <summary>A session learned something of a relay.</summary>
    public void Report(ClusterState cluster, DestinationState destination, RelayReport report)
    {
        var counts = Of(destination);
        var passive = cluster.Model.Config.HealthCheck?.Passive;
        var judged = passive is { Enabled: true, Policy: PolicyName };
        if (report is RelayReport.Greeted or RelayReport.GreetingRefused)
        {
            counts.Answered(report);
            if (judged && destination.Health.Passive == DestinationHealth.Unhealthy)
            {
                updater.SetPassive(cluster, destination, DestinationHealth.Healthy, TimeSpan.Zero);
                LogBack(destination.DestinationId, cluster.ClusterId);
            }

            return;
        }

        var inARow = counts.Failed(report);
        if (judged && inARow >= Threshold(cluster))
        {
            var period = passive!.ReactivationPeriod ?? SmtpClusterFilter.ReactivationPeriod;
            if (destination.Health.Passive != DestinationHealth.Unhealthy)
            {
                LogOut(destination.DestinationId, cluster.ClusterId, inARow, period);
            }

            updater.SetPassive(cluster, destination, DestinationHealth.Unhealthy, period);
        }
    }

    private static int Threshold(ClusterState cluster) =>
        cluster.Model.Config.Metadata?.TryGetValue(ThresholdKey, out var text) == true
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var threshold)
            ? Math.Max(1, threshold)
            : DefaultThreshold;

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "Relay {Relay} of cluster {Cluster} failed {Failures} times in a row and is left alone for {Period}")]
    private partial void LogOut(string relay, string cluster, int failures, TimeSpan period);

    [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "Relay {Relay} of cluster {Cluster} answers again")]
    private partial void LogBack(string relay, string cluster);

    /// <summary>What was reported of one relay.</summary>
    internal sealed class Counts
    {
        private long _greeted;
        private long _refused;
        private long _connectFailures;
        private long _greetingFailures;
        private int _inARow;

        public long Greeted => Volatile.Read(ref _greeted);

        public long Refused => Volatile.Read(ref _refused);

        public long ConnectFailures => Volatile.Read(ref _connectFailures);

        public long GreetingFailures => Volatile.Read(ref _greetingFailures);

        public void Answered(RelayReport report)
        {
            Interlocked.Increment(ref report == RelayReport.Greeted ? ref _greeted : ref _refused);
            Volatile.Write(ref _inARow, 0);
        }

        /// <summary>Counts a failure; answers how many there were in a row.</summary>
        public int Failed(RelayReport report)
        {
            Interlocked.Increment(ref report == RelayReport.ConnectFailed ? ref _connectFailures : ref _greetingFailures);
            return Interlocked.Increment(ref _inARow);
        }
    }
}
