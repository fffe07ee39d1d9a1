using System.Collections.Concurrent;
using SmtpProxy.Protocol;
using SmtpProxy.Telemetry.Facts;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Attributes of what is measured per listener, or per listener and its cluster, and of the relays that it leads to, made beforehand. Thread-safe.</summary>
internal sealed class ListenerTags
{
    private static readonly int Visibilities = Enum.GetValues<Visibility>().Length;
    private readonly Tag[]?[] _anomalies = new Tag[Enum.GetValues<Anomaly>().Length][];
    private readonly Tag[]?[] _opaque = new Tag[Enum.GetValues<OpaqueReason>().Length][];
    private readonly Tag[][] _sessions;
    private readonly ConcurrentDictionary<string, RelayTags> _relays = new(StringComparer.Ordinal);
    private readonly Func<ListenerTags, string, RelayTags> _make;

    /// <summary>Creates them.</summary>
    /// <param name="listener">The listener's name.</param>
    /// <param name="cluster">The cluster's id.</param>
    /// <param name="make">Makes the attributes of a relay, by its configured name, as reached through this listener.</param>
    public ListenerTags(string listener, string cluster, Func<ListenerTags, string, RelayTags> make)
    {
        _make = make;
        (ListenerName, ClusterName) = (listener, cluster);
        Listener = [new(Attributes.Listener, listener)];
        Cluster = [.. Listener, new(Attributes.Cluster, cluster)];
        _sessions =
        [
            .. from outcome in Enum.GetValues<SessionOutcome>()
               from visibility in Enum.GetValues<Visibility>()
               select (Tag[])[new(Attributes.Outcome, AttributeValues.Of(outcome)), new(Attributes.Visibility, AttributeValues.Of(visibility)), .. Cluster],
        ];
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

    /// <summary>Returns the attributes of a relay as reached through this listener.</summary>
    public RelayTags To(string destination) => _relays.TryGetValue(destination, out var tags) ? tags : Make(destination);

    /// <summary>Attributes of a session that ended.</summary>
    public Tag[] Session(SessionOutcome outcome, Visibility visibility) => _sessions[((int)outcome * Visibilities) + (int)visibility];

    /// <summary>Attributes of a session that could not be followed to its end.</summary>
    public Tag[] Opaque(OpaqueReason reason) => _opaque[(int)reason] ??= [new(Attributes.Reason, WireNames.Of(reason)), .. Listener];

    /// <summary>Attributes of an anomaly.</summary>
    public Tag[] Anomaly(Anomaly anomaly) =>
        _anomalies[(int)anomaly] ??= [new(Attributes.Anomaly, WireNames.Of(anomaly)), .. Listener];

    private RelayTags Make(string destination)
    {
        // Under a lock: every set of attributes must have one series, and a factory of GetOrAdd may run twice.
        lock (_relays)
        {
            return _relays.GetOrAdd(destination, static (d, me) => me._make(me, d), this);
        }
    }
}
