using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Whom a limit for each client counts as one: an IPv4 address, or an IPv6 network, of which one
/// customer has all addresses.</summary>
/// <param name="High">The first 64 bits of its IPv6 form.</param>
/// <param name="Low">The other 64. Not one number of 128: code that touches such numbers is not compiled ahead.</param>
internal readonly record struct ClientNetwork(ulong High, ulong Low)
{
    /// <summary>The client that an address belongs to. An IPv4 address in IPv6 clothes is an IPv4 address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="prefixV6">How many of the first bits of an IPv6 address name the network.</param>
    public static ClientNetwork Of(IPAddress address, int prefixV6)
    {
        var plain = address.Unmapped();
        var isV4 = plain.AddressFamily == AddressFamily.InterNetwork;
        Span<byte> octets = stackalloc byte[16];
        (isV4 ? plain.MapToIPv6() : plain).TryWriteBytes(octets, out _);
        var named = isV4 ? 128 : prefixV6;
        return new(BinaryPrimitives.ReadUInt64BigEndian(octets) & FirstBits(named),
            BinaryPrimitives.ReadUInt64BigEndian(octets[8..]) & FirstBits(named - 64));
    }

    /// <summary>Clients choose their addresses: a seed that they do not know keeps them from all falling into one bucket.</summary>
    public override int GetHashCode() => HashCode.Combine(High, Low);

    private static ulong FirstBits(int count) => count <= 0 ? 0 : count >= 64 ? ulong.MaxValue : ulong.MaxValue << (64 - count);
}
