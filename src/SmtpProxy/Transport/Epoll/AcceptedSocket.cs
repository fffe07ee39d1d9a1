using System.Net;
using SmtpProxy.Transport.Epoll.Legs;
using SmtpProxy.Transport.Native;

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
            if (Listening.HandlerOf(new Arrival(Client, local, loop.Now)) is not { } handler)
            {
                return Refuse();
            }

            pair = new EpollPair(loop, Listening, handler, Client, local);
        }
        catch (Exception thrown)
        {
            TransportLog.NotServed(loop.Logger, thrown, Listening.Address);
            return Refuse();
        }

        loop.Keep(pair);
        return loop.Turns.Begin(pair, Socket);
    }

    /// <summary>A reset, unlike a FIN of ours, leaves nothing in the kernel that would have to time out.</summary>
    private int Refuse()
    {
        EpollLeg.MakeCloseReset(Socket);
        _ = Libc.Close(Socket);
        Listening.Leave();
        return 0;
    }
}
