using System.Net;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Sessions;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Configuration.Rules;

/// <summary>
/// Where a relay may take everybody for one of its own: clients on other machines reach it through the proxy, and it sees the proxy's
/// address alone, one of those that relays trust (loopback, private networks). It would relay for the world. What a relay trusts cannot be
/// known from here, so this is said and not refused.
/// </summary>
internal static class OpenRelayRules
{
    /// <summary>A relay that is not told who the client is.</summary>
    /// <param name="Listener">The listener by which it is reached.</param>
    /// <param name="Cluster">Its cluster.</param>
    /// <param name="Name">Its name there.</param>
    /// <param name="Address">Its address.</param>
    public readonly record struct Untold(string Listener, string Cluster, string Name, RelayAddress Address)
    {
        /// <summary>Whether it is on a network of the kind that relays trust, as far as the address says it.</summary>
        public bool IsNear => Address.EndPoint is { } endPoint ? IsPrivate(endPoint.Address) : SinkReach.IsOwnName(Address.Host);
    }

    /// <summary>Every relay that clients on other machines reach, and that is not told who they are.</summary>
    public static IEnumerable<Untold> Find(Settings settings, IConfigurationSection clusters)
    {
        var sink = SinkReach.Of(settings.Sink);
        return from listener in settings.Listeners
               where ListenerReach.IsPublic(listener.Value) && !ServesPrivateOnly(listener.Value)
               let cluster = clusters.GetSection(listener.Value.Cluster)
               from relay in cluster.GetSection("Destinations").GetChildren()
               where !RelayIdentity.IsSettled(cluster, relay) && !(settings.Sink.Enabled && sink.IsAt(relay["Address"]))
               let address = RelayAddress.TryRead(relay["Address"], out var read) is null ? read : null
               where address is not null
               select new Untold(listener.Key, listener.Value.Cluster, relay.Key, address);
    }

    /// <summary>What to say of relays that are near: a line for each listener.</summary>
    public static IEnumerable<string> Warnings(IEnumerable<Untold> relays) =>
        relays.GroupBy(static r => (r.Listener, r.Cluster)).Select(static of =>
    {
        var metadata = $"{Roots.Clusters}:{of.Key.Cluster}:Metadata";
        return $"{Settings.Section}:Listeners:{of.Key.Listener}:Address: clients on other machines can reach it, and " +
            $"{string.Join(", ", of.Select(static r => $"{r.Name} ({r.Address})"))} sees "
            + "the proxy's address in place of theirs: a relay that trusts it (Postfix: mynetworks) relays for the world. Tell the " +
                "relay who the client is: "
            + $"{metadata}:{RelayMetadata.Proxy}=V2 (--proxy-protocol v2), {RelayMetadata.XClient}=true (--xclient) or " +
                $"{RelayMetadata.Transparent}=true, and set the relay up for it (docs/deployment.md). "
            + $"Or name your clients in {Settings.Section}:Listeners:{of.Key.Listener}:Allow. If the relay trusts no address: " +
                $"{metadata}:{RelayMetadata.Proxy}=None";
    });

    /// <summary>Whether an address is one of those that relays trust.</summary>
    public static bool IsPrivate(IPAddress address) =>
        Networks.Private.Contains(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool ServesPrivateOnly(ListenerOptions listener) =>
        Networks.TryParse(listener.Allow, out var allow) is null && !allow.IsEmpty && allow.IsWithin(Networks.Private);
}
