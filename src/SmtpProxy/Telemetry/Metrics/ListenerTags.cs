using System.Collections.Concurrent;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Facts;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Attributes of what is measured per listener, or per listener and its cluster, and of the relays that it leads to, made
/// beforehand; and what is counted with them. Thread-safe.</summary>
internal sealed class ListenerTags
{
    private readonly ConcurrentDictionary<string, RelayTags> _relays = new(StringComparer.Ordinal);
    private readonly Func<ListenerTags, string, RelayTags> _make;

    /// <summary>Creates them, and shows their series.</summary>
    /// <param name="counters">The counters.</param>
    /// <param name="listener">The listener's name.</param>
    /// <param name="cluster">The cluster's id.</param>
    /// <param name="make">Makes the attributes of a relay, by its configured name, as reached through this listener.</param>
    public ListenerTags(Counters counters, string listener, string cluster, Func<ListenerTags, string, RelayTags> make)
    {
        _make = make;
        (ListenerName, ClusterName) = (listener, cluster);
        Listener = [new(Attributes.Listener, listener)];
        Cluster = [.. Listener, new(Attributes.Cluster, cluster)];
        Sessions = new(counters.Sessions, s =>
            [new(Attributes.Outcome, AttributeValues.Of(s.Outcome)), new(Attributes.Visibility, AttributeValues.Of(s.Visibility)),
                .. Cluster]);
        Sessions.Show(from outcome in Enum.GetValues<SessionOutcome>() from visibility in Enum.GetValues<Visibility>()
            select (outcome, visibility));
        Opaque = new(counters.Opaque, reason => [new(Attributes.Reason, WireNames.Of(reason)), .. Listener]);
        Opaque.Show(Enum.GetValues<OpaqueReason>().Where(static r => r != OpaqueReason.None));
        Anomalies = new(counters.Anomalies, anomaly => [new(Attributes.Anomaly, WireNames.Of(anomaly)), .. Listener]);
        Anomalies.Show(Enum.GetValues<Anomaly>());
        NoRelay = To(AttributeValues.NoDestination);
    }

    /// <summary>The listener's name.</summary>
    public string ListenerName { get; }

    /// <summary>The cluster's id.</summary>
    public string ClusterName { get; }

    /// <summary>Attributes of what has no relay: before one was dialled, and of the client alone.</summary>
    public RelayTags NoRelay { get; }

    /// <summary>The listener alone.</summary>
    public Tag[] Listener { get; }

    /// <summary>Listener and cluster.</summary>
    public Tag[] Cluster { get; }

    /// <summary>Sessions that ended.</summary>
    public CellsBy<(SessionOutcome Outcome, Visibility Visibility)> Sessions { get; }

    /// <summary>Sessions that could not be followed to their end.</summary>
    public CellsBy<OpaqueReason> Opaque { get; }

    /// <summary>Anomalies.</summary>
    public CellsBy<Anomaly> Anomalies { get; }

    /// <summary>Every relay that it leads to; with it what belongs to none.</summary>
    public IEnumerable<RelayTags> Relays => _relays.Values.Append(NoRelay).Distinct();

    /// <summary>Returns the attributes of a relay as reached through this listener.</summary>
    public RelayTags To(string destination) => _relays.TryGetValue(destination, out var tags) ? tags : Make(destination);

    private RelayTags Make(string destination)
    {
        // Under a lock: every set of attributes must have one series, and a factory of GetOrAdd may run twice.
        lock (_relays)
        {
            return _relays.GetOrAdd(destination, static (d, me) => me._make(me, d), this);
        }
    }
}
