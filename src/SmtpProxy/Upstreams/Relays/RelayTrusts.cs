using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>
/// Which relays would take the proxy's word for who a client is: they offer XCLIENT or XFORWARD to its address. Where the proxy does not
/// introduce its clients they all come from that address, so such a relay believes whatever a client says of itself, and as a rule relays
/// for the proxy, which is for the world. Thread-safe.
/// </summary>
internal sealed partial class RelayTrusts(TimeProvider time, ILogger<RelayTrusts> log)
{
    /// <summary>Between two lines about one relay.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly ConditionalWeakTable<DestinationState, Seen> _seen = [];

    /// <summary>Whether a relay trusts the proxy's address while it gets everybody's mail from there; null:
    /// nobody has asked it yet.</summary>
    public bool? Of(ClusterState cluster, DestinationState relay) =>
        !_seen.TryGetValue(relay, out var seen) ? null : seen.Trusts && !Introduces(cluster, relay);

    /// <summary>A relay answered EHLO, said from the proxy's own address, by a probe or by a client.</summary>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="relay">The relay.</param>
    /// <param name="offered">What it offers.</param>
    public void Saw(ClusterState cluster, DestinationState relay, TrustOffer offered)
    {
        var seen = _seen.GetValue(relay, static _ => new Seen());
        seen.Trusts = offered != TrustOffer.None;
        if (seen.Trusts && !Introduces(cluster, relay) && seen.MaySpeak(time))
        {
            LogTrusts(relay.DestinationId, cluster.ClusterId, offered.Names());
        }
    }

    /// <summary>Whether it is told who its clients are: what it does for the proxy's own address is for none of them then.</summary>
    public static bool Introduces(ClusterState cluster, DestinationState relay) => RelayIdentity.Of(cluster, relay) is var identity
        && (identity.XClientAs is not null || identity.Transparent || identity.Proxy != Transport.ProxyProtocol.ProxyVersion.None);

    [LoggerMessage(EventId = 313, Level = LogLevel.Warning,
        Message =
            "Relay {Relay} of cluster {Cluster} offers {Keywords} to this proxy: it trusts the proxy's address, from which it gets the " +
                "mail of everybody. Take the proxy out of what it trusts (Postfix: smtpd_authorized_xclient_hosts, " +
                    "smtpd_authorized_xforward_hosts, mynetworks), or tell it the clients (Smtp.XClient=true)")]
    private partial void LogTrusts(string relay, string cluster, string keywords);

    private sealed class Seen
    {
        private long _said;

        public bool Trusts { get; set; }

        public bool MaySpeak(TimeProvider time)
        {
            var (now, said) = (Math.Max(1, time.GetTimestamp()), Volatile.Read(ref _said));
            return (said == 0 || time.GetElapsedTime(said, now) >= Interval) && Interlocked.CompareExchange(ref _said, now, said) == said;
        }
    }
}
