using System.Globalization;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams;

/// <summary>Passive health of relays: several failures in a row to connect or to get a greeting take a relay out
/// for a while. A greeting of 4yz or
/// 5yz is no failure: the relay is there, and what it has against one client may not concern the next.</summary>
internal sealed partial class RelayHealth(IDestinationHealthUpdater updater, TimeProvider time, ILogger<RelayHealth> log)
    : IPassiveHealthCheckPolicy, IClusterChangeListener
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

    /// <summary>Whether a relay was taken out and nothing has shown since that it is there: that it gets sessions again
    /// after a time proves nothing.</summary>
    public bool IsOnTrial(ClusterState cluster, DestinationState destination) =>
        cluster.Model.Config.HealthCheck?.Passive is { Enabled: true, Policy: PolicyName }
        && Of(destination).FailuresInARow >= Threshold(cluster);

    /// <summary>A session learned something of a relay.</summary>
    /// <param name="cluster">The relay's cluster.</param>
    /// <param name="destination">The relay.</param>
    /// <param name="address">Where it was dialled; what was learned at an address that it has no more says nothing of its health.</param>
    /// <param name="report">What was learned.</param>
    public void Report(ClusterState cluster, DestinationState destination, string address, RelayReport report)
    {
        var counts = Of(destination);
        counts.Count(report, time.GetUtcNow());
        if (cluster.Model.Config.HealthCheck?.Passive is not { Enabled: true, Policy: PolicyName } passive
            || destination.Model.Config.Address != address)
        {
            return;
        }

        if (report == RelayReport.IntroductionRefused)
        {
            // Clients of one kind must not take the relay from all others; nor does it say that mail can be sent there.
            return;
        }

        var threshold = Threshold(cluster);
        if (report is RelayReport.Greeted or RelayReport.GreetingRefused)
        {
            var failures = counts.Answered();
            if (destination.Health.Passive != DestinationHealth.Healthy)
            {
                updater.SetPassive(cluster, destination, DestinationHealth.Healthy, TimeSpan.Zero);
            }

            if (failures >= threshold)
            {
                LogBack(destination.DestinationId, cluster.ClusterId);
            }
        }
        else if (counts.Failed() is var failures && failures >= threshold)
        {
            var period = passive.ReactivationPeriod ?? SmtpClusterFilter.ReactivationPeriod;
            if (failures == threshold)
            {
                LogOut(destination.DestinationId, cluster.ClusterId, failures, period);
            }

            updater.SetPassive(cluster, destination, DestinationHealth.Unhealthy, period);
        }
    }

    /// <inheritdoc/>
    public void OnClusterAdded(ClusterState cluster) => OnClusterChanged(cluster);

    /// <summary>A relay with another address is another relay: whoever corrects an address wants it used at once.</summary>
    public void OnClusterChanged(ClusterState cluster)
    {
        foreach (var destination in cluster.Destinations.Values)
        {
            if (Of(destination).MovedTo(destination.Model.Config.Address) && destination.Health.Passive != DestinationHealth.Unknown)
            {
                updater.SetPassive(cluster, destination, DestinationHealth.Unknown, TimeSpan.Zero);
            }
        }
    }

    /// <inheritdoc/>
    public void OnClusterRemoved(ClusterState cluster)
    {
    }

    /// <summary>Whether a text is a threshold: a whole number from 1 on.</summary>
    public static bool IsThreshold(string? text, out int threshold) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out threshold) && threshold > 0;

    private static int Threshold(ClusterState cluster) =>
        cluster.Model.Config.Metadata?.TryGetValue(ThresholdKey, out var text) == true && IsThreshold(text, out var threshold)
            ? threshold : DefaultThreshold;

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning,
        Message = "Relay {Relay} of cluster {Cluster} failed {Failures} times in a row and is left alone for {Period}")]
    private partial void LogOut(string relay, string cluster, int failures, TimeSpan period);

    [LoggerMessage(EventId = 302, Level = LogLevel.Information, Message = "Relay {Relay} of cluster {Cluster} answers again")]
    private partial void LogBack(string relay, string cluster);

    /// <summary>What was reported of one relay.</summary>
    internal sealed class Counts
    {
        private readonly long[] _reports = new long[Enum.GetValues<RelayReport>().Length];
        /// <summary>What <see cref="RelayEvent.What"/> says of a relay without the TLS that it must have.</summary>
        public const string TlsFailed = "tls_failed";

        /// <summary>What it says of a relay that takes no XCLIENT from the proxy, and must.</summary>
        public const string IntroductionFailed = "introduction_failed";

        private RelayEvent? _last;
        private int _inARow;
        private string? _address;

        /// <summary>How often this was reported.</summary>
        public long this[RelayReport report] => Volatile.Read(ref _reports[(int)report]);

        public int FailuresInARow => Volatile.Read(ref _inARow);

        /// <summary>What was reported last, and when; null: nothing yet.</summary>
        public RelayEvent? Last => Volatile.Read(ref _last);

        public void Count(RelayReport report, DateTimeOffset at)
        {
            Interlocked.Increment(ref _reports[(int)report]);
            Volatile.Write(ref _last, new RelayEvent(at, NameOf(report)));
        }

        private static string NameOf(RelayReport report) => report switch
        {
            RelayReport.Greeted => "greeted",
            RelayReport.GreetingRefused => "greeting_refused",
            RelayReport.ConnectFailed => "connect_failed",
            RelayReport.TlsFailed => TlsFailed,
            RelayReport.IntroductionFailed => IntroductionFailed,
            RelayReport.IntroductionRefused => "introduction_refused",
            _ => "greeting_failed",
        };

        /// <summary>It answered; returns how many failures in a row that ends.</summary>
        public int Answered() => Interlocked.Exchange(ref _inARow, 0);

        /// <summary>It failed; returns how many failures that makes in a row.</summary>
        public int Failed() => Interlocked.Increment(ref _inARow);

        /// <summary>Whether this is another address than before; failures in a row begin anew there.</summary>
        public bool MovedTo(string address)
        {
            if (Interlocked.Exchange(ref _address, address) is not { } before || before == address)
            {
                return false;
            }

            Volatile.Write(ref _inARow, 0);
            return true;
        }
    }
}
