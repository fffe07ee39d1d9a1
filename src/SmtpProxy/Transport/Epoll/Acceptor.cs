using System.Diagnostics;
using System.Net;
using SmtpProxy.Transport.Epoll.Timers;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>Accepts a listener's connections on one loop. The other loops do the same on the same socket.</summary>
internal sealed unsafe class Acceptor : IDisposable
{
    /// <summary>Connections taken in one go, so that another loop has a share in a burst and the pairs of this
    /// one are not kept waiting.</summary>
    private const int Batch = 8;

    /// <summary>Pairs that a loop may have more than another; passing one on wakes a thread.</summary>
    private const int Tolerance = 2;

    private static readonly long s_pause = Stopwatch.Frequency / 10;

    private readonly EpollLoop _loop;
    private readonly int _number;

    internal Acceptor(EpollLoop loop, EpollListening listening, int number)
    {
        _loop = loop;
        _number = number;
        Listening = listening;
        Watch();
    }

    internal EpollListening Listening { get; }

    /// <summary>Set by an event, cleared by accepting.</summary>
    internal bool HasConnections { get; set; }

    /// <summary>Until when nothing is accepted, for want of descriptors or memory.</summary>
    internal long PausedUntil { get; private set; } = TimerWheel.Never;

    /// <summary>Accepts connections and begins their sessions.</summary>
    internal void Accept()
    {
        HasConnections = false;
        int failures = 0;
        byte* name = stackalloc byte[SocketName.MaxLength];
        for (int taken = 0; taken < Batch; taken++)
        {
            int length = SocketName.MaxLength;
            int socket = Libc.Accept(Listening.Socket, name, &length, SocketConstants.NonBlocking | SocketConstants.CloseOnExec);
            if (socket >= 0)
            {
                if (!Listening.TryEnter())
                {
                    Listening.TurnAway(socket, _loop.Logger);
                    continue;
                }

                EndPoint client = ClientOf(new ReadOnlySpan<byte>(name, Math.Min(length, SocketName.MaxLength)));
                if (Begin(new AcceptedSocket(Listening, socket, client)) is not 0 and var failure)
                {
                    Pause(failure);
                    return;
                }

                continue;
            }

            int errno = Errno.Last;
            switch (errno)
            {
                case Errno.WouldBlock:
                    return;
                case Errno.FilesFull or Errno.SystemFilesFull or Errno.NoBuffers or Errno.NoMemory:
                    Pause(errno);
                    return;
                case Errno.Invalid:
                    // It was stopped, and the message that says so is on its way.
                    _loop.UnwatchListener(Listening.Socket);
                    return;
                case var _ when ++failures == Batch:
                    Pause(errno);
                    return;
                default:
                    // The connection was gone before we came; there may be others.
                    break;
            }
        }
    }

    /// <summary>Accepts again after a pause.</summary>
    internal void GoOn()
    {
        if (PausedUntil <= _loop.Now)
        {
            PausedUntil = TimerWheel.Never;
            Watch();
        }
    }

    public void Dispose()
    {
        _loop.UnwatchListener(Listening.Socket);
        Listening.Release();
    }

    /// <summary>Who has come. A client of a Unix-domain socket may give itself any name, also one that reads like an IP address, or that is
    /// no text: it goes by that of the socket.</summary>
    private EndPoint ClientOf(ReadOnlySpan<byte> name) => SocketName.ReadInternet(name) ?? Listening.Address;

    /// <summary>Begins a session here, or elsewhere when this loop has more than its share.</summary>
    /// <returns>0, or an <see cref="Errno"/>.</returns>
    private int Begin(AcceptedSocket accepted)
    {
        // The kernel wakes the first loop that waits, so that one loop would get every connection of a quiet time.
        EpollLoop other = Listening.NextLoop();
        bool elsewhere = _loop.OpenPairs > other.OpenPairs + Tolerance + (_loop.OpenPairs / 8)
            && other.Mailbox.Post(new LoopMessage(null, 0, () => accepted.Begin(other)));
        return elsewhere ? 0 : accepted.Begin(_loop);
    }

    private void Watch()
    {
        if (_loop.WatchListener(Listening.Socket, _number) is not 0 and var errno)
        {
            Pause(errno);
        }
    }

    private void Pause(int errno)
    {
        // The connections stay in the kernel's queue. Level-triggered as it is, the listener would wake us at once, for nothing.
        _loop.UnwatchListener(Listening.Socket);
        PausedUntil = _loop.Now + s_pause;
        if (errno is Errno.FilesFull or Errno.SystemFilesFull or Errno.NoBuffers or Errno.NoMemory)
        {
            Listening.Budget.Met(errno is Errno.FilesFull or Errno.SystemFilesFull ? Shortage.Descriptors : Shortage.Memory);
        }

        if (Listening.Paused.IsDue())
        {
            TransportLog.NotAccepting(_loop.Logger, Listening.Address, Errno.Describe(errno));
        }
    }
}
