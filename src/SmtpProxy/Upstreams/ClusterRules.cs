using System.Globalization;
using System.Net;
using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace SmtpProxy.Upstreams;

/// <summary>What clusters must be; those that listeners use, or that hold any smtp:// address, are clusters of relays.</summary>
internal sealed class ClusterRules(IConfiguration configuration, Func<string, IReadOnlyCollection<string>, string> hint)
{
    private static readonly string[] Balancing =
    [
        LoadBalancingPolicies.PowerOfTwoChoices, LoadBalancingPolicies.RoundRobin, LoadBalancingPolicies.LeastRequests,
        LoadBalancingPolicies.Random, LoadBalancingPolicies.FirstAlphabetical, ClientAddressPolicy.PolicyName,
    ];

    private static readonly string[] Available =
        [HealthCheckConstants.AvailableDestinations.HealthyOrPanic, HealthCheckConstants.AvailableDestinations.HealthyAndUnknown];

    private static readonly string[] HttpOnly = [nameof(ClusterConfig.SessionAffinity), nameof(ClusterConfig.HttpClient),
        nameof(ClusterConfig.HttpRequest)];
    private static readonly string[] HttpOnlyOfDestinations = [nameof(DestinationConfig.Health), nameof(DestinationConfig.Host)];

    private static readonly string[] HttpOnlyOfProbes = [nameof(ActiveHealthCheckConfig.Path), nameof(ActiveHealthCheckConfig.Query)];
    private const string Active = "HealthCheck:Active";

    /// <summary>Timers take no more than 49 days, and no relay is left alone for this long on purpose.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly string[] Times = [$"{Active}:Interval", $"{Active}:Timeout", "HealthCheck:Passive:ReactivationPeriod"];

    private readonly IConfigurationSection[] _listeners = [.. configuration.GetSection("SmtpProxy:Listeners").GetChildren()];

    /// <summary>What is wrong.</summary>
    public IEnumerable<string> Check() =>
        configuration.GetSection($"{UpstreamsValidator.Section}:Clusters").GetChildren().SelectMany(Check);

    private IEnumerable<string> Check(IConfigurationSection cluster)
    {
        var isOfListener = _listeners.Any(l => cluster.Key.Equals(l["Cluster"], StringComparison.OrdinalIgnoreCase));
        var destinations = cluster.GetSection(nameof(ClusterConfig.Destinations)).GetChildren().ToList();
        var errors = CheckName(cluster.GetSection(nameof(ClusterConfig.LoadBalancingPolicy)), Balancing)
            .Concat(CheckName(cluster.GetSection("HealthCheck:AvailableDestinationsPolicy"), Available))
            .Concat(Times.SelectMany(name => CheckTime(cluster.GetSection(name))))
            .Concat(destinations.Where(static d => d.Key.Length == 0)
                .Select(d => $"{d.Path}: a destination needs a name; write {cluster.Path}:Destinations:NAME:Address"));
        if (isOfListener && destinations.Count == 0)
        {
            errors =
                errors.Append(
                    $"{cluster.Path}:Destinations: the cluster has no relay; write {cluster.Path}:Destinations:NAME:Address=smtp://" +
                        $"host:25");
        }

        return isOfListener || destinations.Any(static d => RelayAddress.IsSmtp(d["Address"]))
            ? errors.Concat(CheckRelays(cluster)).Concat(destinations.SelectMany(CheckRelay)).Concat(CheckMetadata(cluster, destinations))
            : errors;
    }

    private IEnumerable<string> CheckName(IConfigurationSection setting, string[] known)
    {
        if (setting.Value is { } name && !known.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"{setting.Path}: \"{name}\" is not a policy; {hint(name, known)}";
        }
    }

    /// <summary>What cannot be read as a time is told elsewhere.</summary>
    private static IEnumerable<string> CheckTime(IConfigurationSection setting)
    {
        if (TimeSpan.TryParse(setting.Value, CultureInfo.InvariantCulture, out var time) && (time <= TimeSpan.Zero || time > Longest))
        {
            yield return $"{setting.Path}: \"{setting.Value}\" is not above 00:00:00 and at most 1.00:00:00; write such as 00:00:15";
        }
    }

    private static IEnumerable<string> CheckRelays(IConfigurationSection cluster)
    {
        foreach (var name in HttpOnly.Where(name => cluster.GetSection(name).Exists()))
        {
            yield return $"{cluster.Path}:{name}: means something for http:// destinations only; remove it";
        }

        foreach (var name in HttpOnlyOfProbes.Where(name => cluster.GetSection(Active)[name] is not null))
        {
            yield return $"{cluster.Path}:{Active}:{name}: means something for http:// destinations only; remove it (how far a probe " +
                $"goes: {cluster.Path}:Metadata:{RelayMetadata.Probe})";
        }

        if (cluster[$"{Active}:Policy"] is { } judge
            && !judge.Equals(HealthCheckConstants.ActivePolicy.ConsecutiveFailures, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{cluster.Path}:{Active}:Policy: \"{judge}\" is not a policy; write " +
                $"{HealthCheckConstants.ActivePolicy.ConsecutiveFailures}, or remove it";
        }

        if (cluster.GetSection("Metadata")[ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] is { } times
            && !RelayHealth.IsThreshold(times, out _))
        {
            yield return $"{cluster.Path}:Metadata:{ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName}: \"{times}\" is not a " +
                $"number of failed probes in a row; write a whole number from 1 on, such as 2";
        }

        if (cluster["HealthCheck:Passive:Policy"] is { } policy
            && !policy.Equals(RelayHealth.PolicyName, StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{cluster.Path}:HealthCheck:Passive:Policy: \"{policy}\" judges by HTTP requests; write " +
                $"{RelayHealth.PolicyName}, or remove it";
        }

        if (cluster.GetSection("Metadata")[RelayHealth.ThresholdKey] is { } threshold && !RelayHealth.IsThreshold(threshold, out _))
        {
            yield return $"{cluster.Path}:Metadata:{RelayHealth.ThresholdKey}: \"{threshold}\" is not a number of failures in a row; " +
                $"write a whole number from 1 on, such as 3";
        }
    }

    private IEnumerable<string> CheckMetadata(IConfigurationSection cluster, IEnumerable<IConfigurationSection> destinations) =>
        destinations.Prepend(cluster).SelectMany(owner =>
            RelayMetadata.Check(owner.GetSection("Metadata"), hint).Concat(new RelayTlsRules(_listeners).Check(cluster, owner)));

    private IEnumerable<string> CheckRelay(IConfigurationSection relay)
    {
        foreach (var name in HttpOnlyOfDestinations.Where(name => relay[name] is not null))
        {
            yield return $"{relay.Path}:{name}: means something for http:// destinations only; remove it";
        }

        if (UpstreamsValidator.AddressError(relay["Address"], out var address) is { } wrong)
        {
            yield return $"{relay.Path}:Address: {wrong}";
        }
        else if (address!.EndPoint is { } relays
            && _listeners.FirstOrDefault(l => !IsTransparent(l) && Reaches(relays, l["Address"])) is { } own)
        {
            yield return $"{relay.Path}:Address: {address} is this proxy's own listener '{own.Key}', and a session would go round for " +
                $"ever; write where the relay listens";
        }
    }

    /// <summary>It may listen on the very address of its relay, which only others reach by it.</summary>
    private static bool IsTransparent(IConfigurationSection listener) => bool.TryParse(listener["Transparent"], out var value) && value;

    /// <summary>Whether dialling an address reaches a listener for certain.</summary>
    private static bool Reaches(IPEndPoint relay, string? listener) =>
        IPEndPoint.TryParse(listener ?? "", out var bound) && bound.Port == relay.Port
        && (bound.Address.Equals(relay.Address)
            || (IPAddress.IsLoopback(relay.Address) && (bound.Address.Equals(IPAddress.IPv6Any)
                || (bound.Address.Equals(IPAddress.Any) && relay.AddressFamily == bound.AddressFamily))));
}
