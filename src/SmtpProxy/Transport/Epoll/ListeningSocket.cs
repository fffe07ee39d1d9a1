using System.Net;
using SmtpProxy.Transport.Epoll.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>Opens sockets that listen.</summary>
internal static unsafe class ListeningSocket
{
    /// <summary>Binds and listens. What is set here, accepted sockets inherit.</summary>
    /// <exception cref="TransportException">It cannot be done; says why.</exception>
    internal static int Open(EndPoint address, ListenOptions options)
    {
        int family = SocketName.FamilyOf(address);
        if (family < 0)
        {
            throw new TransportException($"Cannot listen on {address}: neither an IP address with a port nor a Unix-domain socket.");
        }

        int socket = Libc.Socket(family, SocketConstants.Stream | SocketConstants.NonBlocking | SocketConstants.CloseOnExec, 0);
        if (socket < 0)
        {
            throw Failure(address, Errno.Last);
        }

        int errno = Prepare(socket, family, address, options);
        if (errno != 0)
        {
            _ = Libc.Close(socket);
            throw Failure(address, errno);
        }

        return socket;
    }

    private static int Prepare(int socket, int family, EndPoint address, ListenOptions options)
    {
        if (family != SocketConstants.FamilyUnix)
        {
            Set(socket, SocketConstants.LevelSocket, SocketConstants.ReuseAddress, 1);
            Set(socket, SocketConstants.LevelTcp, SocketConstants.NoDelay, 1);
        }

        if (address is IPEndPoint ip && ip.Address.Equals(IPAddress.IPv6Any))
        {
            Set(socket, SocketConstants.LevelInet6, SocketConstants.Inet6Only, 0);
        }

        byte* name = stackalloc byte[SocketName.MaxLength];
        int length = SocketName.Write(address, new Span<byte>(name, SocketName.MaxLength));
        return Libc.Bind(socket, name, length) == 0 && Libc.Listen(socket, options.Backlog) == 0 ? 0 : Errno.Last;
    }

    private static void Set(int socket, int level, int option, int value) =>
        _ = Libc.SetSocketOption(socket, level, option, &value, sizeof(int));

    private static TransportException Failure(EndPoint address, int errno) =>
        new($"Cannot listen on {address}: {Errno.Describe(errno)}.");
}
