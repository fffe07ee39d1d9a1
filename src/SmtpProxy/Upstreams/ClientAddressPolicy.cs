using System.IO.Hashing;
using System.Text;
using SmtpProxy.Protocol.Connections;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace SmtpProxy.Upstreams;

/// <summary>Sends a client's sessions to the same relay, by its address: greylisting, reputation and rate limits that a relay keeps to
/// itself see every try of a client. Rendezvous hashing (highest random weight): when a relay comes or goes, only its own clients move, and
/// several proxies with the same relays agree without talking.</summary>
internal sealed class ClientAddressPolicy : ILoadBalancingPolicy
{
    /// <summary>Its name in <c>LoadBalancingPolicy</c>.</summary>
    public const string PolicyName = "ClientAddress";

    /// <inheritdoc/>
    public string Name => PolicyName;

    /// <inheritdoc/>
    public DestinationState? PickDestination(HttpContext context, ClusterState cluster,
        IReadOnlyList<DestinationState> availableDestinations)
    {
        // Without an address, by a Unix-domain socket, all clients are one.
        Span<byte> address = stackalloc byte[16];
        var length = 0;
        if (context.Connection.RemoteIpAddress is { } client)
        {
            client.Unmapped().TryWriteBytes(address, out length);
        }

        DestinationState? heaviest = null;
        ulong most = 0;
        foreach (var destination in availableDestinations)
        {
            var weight = Weight(address[..length], destination.DestinationId);
            if (heaviest is null || weight > most
                || (weight == most && string.CompareOrdinal(destination.DestinationId, heaviest.DestinationId) < 0))
            {
                (heaviest, most) = (destination, weight);
            }
        }

        return heaviest;
    }

    private static ulong Weight(ReadOnlySpan<byte> address, string destination)
    {
        const int LongestName = 256;
        Span<byte> key = stackalloc byte[16 + LongestName];
        address.CopyTo(key);
        Encoding.UTF8.GetEncoder().Convert(destination, key[address.Length..], flush: true, out _, out var name, out _);
        return XxHash3.HashToUInt64(key[..(address.Length + name)]);
    }
}
