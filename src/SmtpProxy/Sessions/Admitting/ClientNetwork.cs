using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Whom a limit for each client counts as one: an IPv4 address, or an IPv6 network, of which one
/// customer has all addresses.</summary>
internal readonly record struct ClientNetwork(UInt128 Bits)
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
        var bits = BinaryPrimitives.ReadUInt128BigEndian(octets);
        return new(isV4 || prefixV6 >= 128 ? bits : bits >> (128 - prefixV6) << (128 - prefixV6));
    }
}
