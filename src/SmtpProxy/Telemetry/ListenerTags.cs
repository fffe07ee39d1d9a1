using SmtpProxy.Protocol;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry;

/// <summary>Attributes of what is measured per listener, or per listener and its cluster, made beforehand.</summary>
internal sealed class ListenerTags
{
    private static readonly int Visibilities = Enum.GetValues<Visibility>().Length;
    private readonly Tag[]?[] _anomalies = new Tag[Enum.GetValues<Anomaly>().Length][];
    private readonly Tag[]?[] _opaque = new Tag[Enum.GetValues<OpaqueReason>().Length][];
    private readonly Tag[][] _sessions;

    public ListenerTags(string listener, string cluster)
    {
        Listener = [new(Attributes.Listener, listener)];
        Cluster = [.. Listener, new(Attributes.Cluster, cluster)];
        _sessions =
        [
            .. from outcome in Enum.GetValues<SessionOutcome>()
               from visibility in Enum.GetValues<Visibility>()
               select (Tag[])[new(Attributes.Outcome, Values.Of(outcome)), new(Attributes.Visibility, Values.Of(visibility)), .. Cluster],
        ];
    }

    /// <summary>The listener alone.</summary>
    public Tag[] Listener { get; }

    /// <summary>Listener and cluster.</summary>
    public Tag[] Cluster { get; }

    /// <summary>Attributes of a session that ended.</summary>
    public Tag[] Session(SessionOutcome outcome, Visibility visibility) => _sessions[((int)outcome * Visibilities) + (int)visibility];

    /// <summary>Attributes of a session that could not be followed to its end.</summary>
    public Tag[] Opaque(OpaqueReason reason) => _opaque[(int)reason] ??= [new(Attributes.Reason, WireNames.Of(reason)), .. Listener];

    /// <summary>Attributes of an anomaly.</summary>
    public Tag[] Anomaly(Anomaly anomaly) =>
        _anomalies[(int)anomaly] ??= [new(Attributes.Anomaly, WireNames.Of(anomaly)), .. Listener];
}
