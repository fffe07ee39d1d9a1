using System.Net;
using SmtpProxy.Transport;
using SmtpProxy.Transport.ProxyProtocol;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>How a relay learns who the client is, whose connections come from the proxy.</summary>
/// <param name="Proxy">By a PROXY header, before anything else.</param>
/// <param name="XClientAs">By XCLIENT, where the relay offers it; what the proxy calls itself in the EHLO before it. Null: not.</param>
/// <param name="Transparent">By the client's own address as that of the connection.</param>
public sealed record RelayIdentity(ProxyVersion Proxy, string? XClientAs, bool Transparent)
{
    /// <summary>Not at all.</summary>
    public static readonly RelayIdentity None = new(ProxyVersion.None, null, false);

    /// <summary>What the configuration says of a relay.</summary>
    internal static RelayIdentity Of(ClusterState cluster, DestinationState destination)
    {
        if (destination.Model.Config.Metadata is null && cluster.Model.Config.Metadata is null)
        {
            return None;
        }

        return new RelayIdentity(
            RelayMetadata.Of(cluster, destination, RelayMetadata.Proxy, ProxyVersion.None),
            RelayMetadata.IsTrue(cluster, destination, RelayMetadata.XClient) ? RelayMetadata.NameFor(cluster, destination) : null,
            RelayMetadata.IsTrue(cluster, destination, RelayMetadata.Transparent));
    }

    /// <summary>Whether the configuration says how a relay learns who the client is, or that it does not.</summary>
    /// <param name="cluster">The cluster's section.</param>
    /// <param name="destination">The destination's, whose metadata wins.</param>
    internal static bool IsSettled(IConfigurationSection cluster, IConfigurationSection destination)
    {
        string? Said(string key) => destination.GetSection("Metadata")[key] ?? cluster.GetSection("Metadata")[key];
        bool Holds(string key) => bool.TryParse(Said(key), out var on) && on;

        // Somebody wrote None on purpose.
        return Said(RelayMetadata.Proxy) is not null || Holds(RelayMetadata.XClient) || Holds(RelayMetadata.Transparent);
    }

    /// <summary>Whether a relay that shall see the client's own address can: both must have an address of one family. Any other client
    /// would come from the proxy's address, which the relay may trust.</summary>
    /// <param name="client">The client.</param>
    /// <param name="relay">The relay's address.</param>
    public bool CanShow(EndPoint client, EndPoint relay) =>
        !Transparent || (client is IPEndPoint && client.AddressFamily == relay.AddressFamily);

    /// <summary>A relay, and how it is told who the client is.</summary>
    /// <param name="connection">Where it is.</param>
    /// <param name="client">The client, which <see cref="CanShow"/>.</param>
    /// <param name="local">The address that it connected to.</param>
    public RelayTarget Introduce(DialTarget connection, EndPoint client, EndPoint local)
    {
        if (this == None)
        {
            return new RelayTarget(connection);
        }

        var introduced = connection with
        {
            Preamble = ProxyHeaderWriter.For(Proxy, client, local),
            From = Transparent ? new IPEndPoint(((IPEndPoint)client).Address, 0) : null,
        };
        return new RelayTarget(introduced) { IntroduceAs = XClientAs };
    }
}
