using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Native;

/// <summary>Turns end points into the kernel's <c>sockaddr</c> and back.</summary>
internal static class SocketName
{
    /// <summary>Enough for every family (<c>struct sockaddr_storage</c>).</summary>
    internal const int MaxLength = 128;

    private const int InetLength = 16;
    private const int Inet6Length = 28;
    private const int UnixPathOffset = 2;
    private const int UnixPathMaxLength = 108;

    /// <summary>The address family of an end point, or -1 when this transport does not know it.</summary>
    internal static int FamilyOf(EndPoint address) => address switch
    {
        IPEndPoint { AddressFamily: AddressFamily.InterNetwork } => SocketConstants.FamilyInet,
        IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } => SocketConstants.FamilyInet6,
        UnixDomainSocketEndPoint => SocketConstants.FamilyUnix,
        _ => -1,
    };

    /// <summary>Writes an end point and returns how many octets it took.</summary>
    /// <exception cref="ArgumentException">It is none that a socket can have.</exception>
    internal static int Write(EndPoint address, Span<byte> to)
    {
        to.Clear();
        int family = FamilyOf(address);
        MemoryMarshal.Write(to, (ushort)family);
        switch (address)
        {
            case IPEndPoint ip when family == SocketConstants.FamilyInet:
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)ip.Port);
                ip.Address.TryWriteBytes(to[4..8], out _);
                return InetLength;
            case IPEndPoint ip when family == SocketConstants.FamilyInet6:
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)ip.Port);
                ip.Address.TryWriteBytes(to[8..24], out _);
                MemoryMarshal.Write(to[24..], (uint)ip.Address.ScopeId);
                return Inet6Length;
            case UnixDomainSocketEndPoint unix:
                return WriteUnix(unix.ToString(), to);
            default:
                throw new ArgumentException($"{address} is neither an IP address with a port nor a Unix-domain socket.", nameof(address));
        }
    }

    /// <summary>Reads an end point. Null for a socket without a name.</summary>
    internal static EndPoint? Read(ReadOnlySpan<byte> from)
    {
        if (from.Length <= UnixPathOffset || MemoryMarshal.Read<ushort>(from) != SocketConstants.FamilyUnix)
        {
            return ReadInternet(from);
        }

        ReadOnlySpan<byte> path = from[UnixPathOffset..];
        int end = path.IndexOf((byte)0);
        return end == 0 ? null : new UnixDomainSocketEndPoint(Encoding.UTF8.GetString(end < 0 ? path : path[..end]));
    }

    /// <summary>Reads an IP address with a port; IPv4 that arrived on a dual-stack socket is plain IPv4 again. Null for anything
    /// else.</summary>
    internal static IPEndPoint? ReadInternet(ReadOnlySpan<byte> from)
    {
        if (from.Length < InetLength)
        {
            return null;
        }

        switch (MemoryMarshal.Read<ushort>(from))
        {
            case SocketConstants.FamilyInet:
                return new IPEndPoint(new IPAddress(from[4..8]), BinaryPrimitives.ReadUInt16BigEndian(from[2..]));
            case SocketConstants.FamilyInet6 when from.Length >= Inet6Length:
                var address = new IPAddress(from[8..24], MemoryMarshal.Read<uint>(from[24..]));
                return new IPEndPoint(address.Unmapped(), BinaryPrimitives.ReadUInt16BigEndian(from[2..]));
            default:
                return null;
        }
    }

    /// <summary>The address that a socket is bound to.</summary>
    internal static unsafe EndPoint? Local(int socket)
    {
        byte* name = stackalloc byte[MaxLength];
        int length = MaxLength;
        return Libc.GetSocketName(socket, name, &length) == 0 ? Read(new ReadOnlySpan<byte>(name, Math.Min(length, MaxLength))) : null;
    }

    private static int WriteUnix(string path, Span<byte> to)
    {
        // A leading @ is how .NET prints the abstract namespace, whose names begin with a zero octet and end without one.
        Span<byte> room = to.Slice(UnixPathOffset, UnixPathMaxLength - 1);
        int length = Encoding.UTF8.GetBytes(path, room);
        if (path.StartsWith('@'))
        {
            room[0] = 0;
            return UnixPathOffset + length;
        }

        return UnixPathOffset + length + 1;
    }
}
