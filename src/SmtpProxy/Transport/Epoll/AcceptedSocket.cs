using System.Net;
using SmtpProxy.Transport.Epoll.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>A connection between being accepted and having a session.</summary>
internal readonly record struct AcceptedSocket(EpollListening Listening, int Socket, EndPoint Client)
{
    /// <summary>Begins its session on a loop; to be called there. Whatever goes wrong ends this connection only.</summary>
    /// <returns>0, or an <see cref="Errno"/> when the loop cannot take connections.</returns>
    internal int Begin(EpollLoop loop)
    {
        loop.TakeTime();
        EpollPair pair;
        try
        {
            EndPoint local = Listening.IsWildcard ? SocketName.Local(Socket) ?? Listening.Address : Listening.Address;
            pair = new EpollPair(loop, Listening, Listening.NewHandler(), Client, local);
        }
        catch (Exception thrown)
        {
            TransportLog.NotServed(loop.Logger, thrown, Listening.Address);
            EpollLeg.MakeCloseReset(Socket);
            _ = Libc.Close(Socket);
            Listening.Leave();
            return 0;
        }

        loop.Keep(pair);
        int errno = pair.Begin(Socket);
        if (errno != 0)
        {
            loop.Forget(pair);
        }

        return errno;
    }
}
