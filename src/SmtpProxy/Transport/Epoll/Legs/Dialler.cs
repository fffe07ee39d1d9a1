using System.Net;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll.Legs;

/// <summary>Begins connections, and says what became of them.</summary>
internal static unsafe class Dialler
{
    /// <summary>Begins to connect.</summary>
    /// <returns>0 when established, <see cref="Errno.InProgress"/> when it is under way, else why it failed at once;
    /// then there is no socket.</returns>
    internal static int Begin(in DialTarget target, out int socket)
    {
        EndPoint address = target.Address;
        byte* name = stackalloc byte[SocketName.MaxLength];
        int length = SocketName.Write(address, new Span<byte>(name, SocketName.MaxLength));
        int family = SocketName.FamilyOf(address);
        socket = Libc.Socket(family, SocketConstants.Stream | SocketConstants.NonBlocking | SocketConstants.CloseOnExec, 0);
        if (socket < 0)
        {
            return Errno.Last;
        }

        if (family != SocketConstants.FamilyUnix)
        {
            int one = 1;
            _ = Libc.SetSocketOption(socket, SocketConstants.LevelTcp, SocketConstants.NoDelay, &one, sizeof(int));
            _ = Libc.SetSocketOption(socket, SocketConstants.LevelSocket, SocketConstants.TimestampNanoseconds, &one, sizeof(int));
        }

        int errno = target.From is { } from ? BindForeign(socket, family, from) : 0;
        if (errno == 0)
        {
            errno = Libc.Connect(socket, name, length) == 0 ? 0 : Errno.Last;
        }

        if (errno is Errno.Interrupted)
        {
            // The kernel goes on connecting.
            errno = Errno.InProgress;
        }

        if (errno is not (0 or Errno.InProgress))
        {
            _ = Libc.Close(socket);
            socket = -1;
        }

        return errno;
    }

    /// <summary>Gives a socket an address that is not this machine's. Its port is chosen when it connects: before, one port
    /// could serve one relay only.</summary>
    private static int BindForeign(int socket, int family, IPEndPoint from)
    {
        int one = 1;
        (int level, int option) = family == SocketConstants.FamilyInet6
            ? (SocketConstants.LevelInet6, SocketConstants.Inet6Transparent)
            : (SocketConstants.LevelInet, SocketConstants.InetTransparent);
        if (Libc.SetSocketOption(socket, level, option, &one, sizeof(int)) != 0)
        {
            return Errno.Last;
        }

        _ = Libc.SetSocketOption(socket, SocketConstants.LevelInet, SocketConstants.BindAddressNoPort, &one, sizeof(int));
        byte* name = stackalloc byte[SocketName.MaxLength];
        int length = SocketName.Write(from, new Span<byte>(name, SocketName.MaxLength));
        return Libc.Bind(socket, name, length) == 0 ? 0 : Errno.Last;
    }

    /// <summary>Takes the error that waits on a socket.</summary>
    internal static int PendingError(int socket)
    {
        int errno = 0, length = sizeof(int);
        return Libc.GetSocketOption(socket, SocketConstants.LevelSocket, SocketConstants.PendingError, &errno, &length) == 0
            ? errno : Errno.Last;
    }

    /// <summary>What an error means for a dial.</summary>
    internal static DialResult Failure(int errno)
    {
        DialOutcome outcome = errno switch
        {
            Errno.Refused => DialOutcome.Refused,
            Errno.TimedOut => DialOutcome.TimedOut,
            Errno.NetworkDown or Errno.NetworkUnreachable or Errno.HostDown or Errno.HostUnreachable => DialOutcome.Unreachable,
            _ when ShortageOf(errno) != Shortage.None => DialOutcome.NotDialled,
            _ => DialOutcome.Failed,
        };
        return new DialResult(outcome, null, null, Errno.Describe(errno)) { Shortage = ShortageOf(errno) };
    }

    private static Shortage ShortageOf(int errno) => errno switch
    {
        Errno.FilesFull or Errno.SystemFilesFull => Shortage.Descriptors,
        Errno.NoMemory or Errno.NoBuffers => Shortage.Memory,
        Errno.AddressNotAvailable => Shortage.Ports,
        Errno.NotPermitted or Errno.AccessDenied => Shortage.Permission,
        _ => Shortage.None,
    };
}
