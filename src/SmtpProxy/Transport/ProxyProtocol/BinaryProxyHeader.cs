using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.ProxyProtocol;

/// <summary>Version 2: signature, version and command, family, length, addresses, and extensions, which are
/// checked and passed over.</summary>
internal static class BinaryProxyHeader
{
    private const int FixedPart = 16;
    private const byte Local = 0x20;
    private const byte Proxy = 0x21;
    private const byte Unspecified = 0x00;
    private const byte Tcp4 = 0x11;
    private const byte Tcp6 = 0x21;
    private const byte UnixStream = 0x31;
    private const int UnixPath = 108;
    private const byte ChecksumExtension = 0x03;

    /// <summary>Reads a whole header.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Parse(ReadOnlySpan<byte> octets, out ProxyHeader header)
    {
        header = new ProxyHeader(ProxyVersion.V2, null, null);
        var rest = octets[FixedPart..];
        var (command, family) = (octets[12], octets[13]);
        if (command is not (Local or Proxy))
        {
            return "its version and command are neither 2 and LOCAL nor 2 and PROXY";
        }

        var addresses = family switch { Unspecified => 0, Tcp4 => 12, Tcp6 => 36, UnixStream => 2 * UnixPath, _ => -1 };
        if (command == Local)
        {
            // The receiver must take any family, and everything after it is to be ignored.
            return null;
        }

        if (addresses < 0)
        {
            return "its family and protocol are none of TCP over IPv4, TCP over IPv6, a Unix stream, and unspecified";
        }

        if (rest.Length < addresses)
        {
            return "it has no room for its addresses";
        }

        if (family != Unspecified && CheckExtensions(octets, FixedPart + addresses) is { } problem)
        {
            return problem;
        }

        header = family switch
        {
            Tcp4 => new ProxyHeader(ProxyVersion.V2, EndPointOf(rest[..4], rest[8..]), EndPointOf(rest[4..8], rest[10..])),
            Tcp6 => new ProxyHeader(ProxyVersion.V2, EndPointOf(rest[..16], rest[32..]), EndPointOf(rest[16..32], rest[34..])),
            _ => header,
        };
        return null;
    }

    /// <summary>Writes a header without extensions; without addresses it says LOCAL.</summary>
    /// <param name="source">The client.</param>
    /// <param name="destination">Where it connected, of the same family.</param>
    /// <param name="local">No client's connection: our own.</param>
    public static byte[] Write(IPEndPoint? source, IPEndPoint? destination, bool local)
    {
        var family = source is null || destination is null ? Unspecified : source.AddressFamily == AddressFamily.InterNetwork ? Tcp4 : Tcp6;
        var address = family switch { Tcp4 => 4, Tcp6 => 16, _ => 0 };
        var length = address == 0 ? 0 : (2 * address) + 4;
        var octets = new byte[FixedPart + length];
        ProxyHeader.Signature.CopyTo(octets);
        (octets[12], octets[13]) = (local ? Local : Proxy, family);
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(14), (ushort)length);
        if (address > 0)
        {
            var rest = octets.AsSpan(FixedPart);
            source!.Address.TryWriteBytes(rest, out _);
            destination!.Address.TryWriteBytes(rest[address..], out _);
            BinaryPrimitives.WriteUInt16BigEndian(rest[(2 * address)..], (ushort)source.Port);
            BinaryPrimitives.WriteUInt16BigEndian(rest[((2 * address) + 2)..], (ushort)destination.Port);
        }

        return octets;
    }

    private static IPEndPoint EndPointOf(ReadOnlySpan<byte> address, ReadOnlySpan<byte> port) =>
        new(new IPAddress(address).Unmapped(), BinaryPrimitives.ReadUInt16BigEndian(port));

    /// <summary>Each extension must fit, and a checksum must be right.</summary>
    private static string? CheckExtensions(ReadOnlySpan<byte> octets, int at)
    {
        while (at < octets.Length)
        {
            if (octets.Length - at < 3 || octets.Length - at - 3 < BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 1)..]))
            {
                return "an extension goes beyond its end";
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(octets[(at + 1)..]);
            if (octets[at] == ChecksumExtension
                && (length != 4 || BinaryPrimitives.ReadUInt32BigEndian(octets[(at + 3)..]) != Checksum(octets, at + 3)))
            {
                return "its checksum is wrong";
            }

            at += 3 + length;
        }

        return null;
    }

    /// <summary>CRC-32C over the whole header, with zeros in its own place.</summary>
    private static uint Checksum(ReadOnlySpan<byte> octets, int own)
    {
        var crc = uint.MaxValue;
        for (var n = 0; n < octets.Length; n++)
        {
            crc = BitOperations.Crc32C(crc, n >= own && n < own + 4 ? (byte)0 : octets[n]);
        }

        return ~crc;
    }
}
