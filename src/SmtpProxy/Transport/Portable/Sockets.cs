using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Portable;

/// <summary>Sockets and their addresses.</summary>
internal static class Sockets
{
    public const int LevelSocket = 1;
    public const int ReusePort = 15;

    private const int LevelInet = 0;
    private const int LevelInet6 = 41;
    private const int InetTransparent = 19;
    private const int Inet6Transparent = 75;
    private const int BindAddressNoPort = 24;

    /// <summary>Stands for the address of a socket that has none any more.</summary>
    private static readonly EndPoint s_unknown = new IPEndPoint(IPAddress.None, 0);

    /// <summary>Lets a socket have an address that is not this machine's.</summary>
    /// <exception cref="SocketException">The system refuses (CAP_NET_ADMIN), or is not Linux.</exception>
    public static void MakeTransparent(Socket socket)
    {
        var isV6 = socket.AddressFamily == AddressFamily.InterNetworkV6;
        Set(socket, isV6 ? LevelInet6 : LevelInet, isV6 ? Inet6Transparent : InetTransparent);
    }

    /// <summary>Gives it one. Its port is chosen when it connects: before, one port could serve one relay only.</summary>
    public static void BindForeign(Socket socket, IPEndPoint from)
    {
        MakeTransparent(socket);
        Set(socket, LevelInet, BindAddressNoPort);
        socket.Bind(from);
    }

    /// <summary>Switches on an option that .NET has no name for, by the numbers of Linux.</summary>
    /// <exception cref="SocketException">The system refuses, or is not Linux.</exception>
    public static void Set(Socket socket, int level, int option)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new SocketException((int)SocketError.ProtocolOption);
        }

        socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
    }

    /// <summary>For how long the last that came on a connection has been there; see <see cref="TcpInfo.Age"/>. Only Linux says.</summary>
    public static long Age(Socket socket)
    {
        if (!OperatingSystem.IsLinux() || socket.ProtocolType != ProtocolType.Tcp)
        {
            return 0;
        }

        try
        {
            Span<byte> info = stackalloc byte[TcpInfo.Length];
            return TcpInfo.Age(info[..socket.GetRawSocketOption(TcpInfo.Level, TcpInfo.Option, info)]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return 0; // it is gone
        }
    }

    /// <summary>A stream socket for an address: TCP, or Unix-domain.</summary>
    public static Socket Create(EndPoint address) =>
        new(address.AddressFamily, SocketType.Stream, address is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);

    public static EndPoint Local(Socket socket) => (socket.LocalEndPoint ?? s_unknown).Unmapped();

    /// <summary>Whoever is at the other end. A client of a Unix-domain socket rarely has a name, and may give itself any, also one that
    /// reads like an IP address: it goes by that of the socket.</summary>
    public static EndPoint Remote(Socket socket) => socket.AddressFamily == AddressFamily.Unix
        ? Local(socket)
        : (socket.RemoteEndPoint ?? s_unknown).Unmapped();
}
