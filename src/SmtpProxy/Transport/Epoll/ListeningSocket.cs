using System.Net;
using System.Net.Sockets;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>Opens sockets that listen.</summary>
internal static unsafe class ListeningSocket
{
    /// <summary>Binds and listens. What is set here, accepted sockets inherit.</summary>
    /// <exception cref="TransportException">It cannot be done; says why.</exception>
    internal static int Open(EndPoint address, ListenOptions options)
    {
        if (options.Inherited is { } descriptor)
        {
            return Adopt(address, descriptor);
        }

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

        SocketFile? file = SocketFile.Of(address);
        file?.ClearStale();
        try
        {
            int errno = Bind(socket, family, address, options);
            if (errno == 0)
            {
                // Before anybody can connect.
                file?.Permit(options.Mode);
                errno = Libc.Listen(socket, options.Backlog) == 0 ? 0 : Errno.Last;
            }

            return errno == 0 ? socket : throw Failure(address, errno);
        }
        catch
        {
            _ = Libc.Close(socket);
            throw;
        }
    }

    /// <summary>Takes over a socket that listens already.</summary>
    private static int Adopt(EndPoint address, int descriptor)
    {
        int listens = 0, length = sizeof(int);
        if (Libc.GetSocketOption(descriptor, SocketConstants.LevelSocket, SocketConstants.AcceptsConnections, &listens, &length) != 0)
        {
            throw Failure(address, Errno.Last);
        }

        if (listens == 0)
        {
            throw new TransportException(
                $"Cannot listen on {address}: the socket that was passed does not listen; pass a stream socket that does.");
        }

        int flags = Libc.Control(descriptor, SocketConstants.GetFlags, 0);
        _ = Libc.Control(descriptor, SocketConstants.SetFlags, flags | SocketConstants.NonBlocking);
        _ = Libc.Control(descriptor, SocketConstants.SetDescriptorFlags, SocketConstants.DescriptorCloseOnExec);
        // Does nothing on a Unix-domain socket.
        Set(descriptor, SocketConstants.LevelTcp, SocketConstants.NoDelay, 1);
        Set(descriptor, SocketConstants.LevelSocket, SocketConstants.TimestampNanoseconds, 1);
        return descriptor;
    }

    private static int Bind(int socket, int family, EndPoint address, ListenOptions options)
    {
        if (family != SocketConstants.FamilyUnix)
        {
            Set(socket, SocketConstants.LevelSocket, SocketConstants.ReuseAddress, 1);
            Set(socket, SocketConstants.LevelTcp, SocketConstants.NoDelay, 1);
            Set(socket, SocketConstants.LevelSocket, SocketConstants.TimestampNanoseconds, 1);
            if (options.ReusePort)
            {
                Set(socket, SocketConstants.LevelSocket, SocketConstants.ReusePort, 1);
            }
        }

        if (address is IPEndPoint ip && ip.Address.Equals(IPAddress.IPv6Any))
        {
            Set(socket, SocketConstants.LevelInet6, SocketConstants.Inet6Only, 0);
        }

        if (options.Transparent)
        {
            bool isV6 = family == SocketConstants.FamilyInet6;
            int one = 1;
            if (Libc.SetSocketOption(socket, isV6 ? SocketConstants.LevelInet6 : SocketConstants.LevelInet,
                isV6 ? SocketConstants.Inet6Transparent : SocketConstants.InetTransparent, &one, sizeof(int)) != 0)
            {
                return Errno.Last;
            }
        }

        byte* name = stackalloc byte[SocketName.MaxLength];
        int length = SocketName.Write(address, new Span<byte>(name, SocketName.MaxLength));
        return Libc.Bind(socket, name, length) == 0 ? 0 : Errno.Last;
    }

    private static void Set(int socket, int level, int option, int value) =>
        _ = Libc.SetSocketOption(socket, level, option, &value, sizeof(int));

    private static TransportException Failure(EndPoint address, int errno) =>
        new($"Cannot listen on {address}: {Errno.Describe(errno)}.", new SocketException((int)(errno switch
        {
            Errno.AccessDenied => SocketError.AccessDenied,
            Errno.AddressInUse => SocketError.AddressAlreadyInUse,
            Errno.AddressNotAvailable => SocketError.AddressNotAvailable,
            _ => SocketError.SocketError,
        })));
}
