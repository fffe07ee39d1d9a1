using System.Net;
using System.Net.Sockets;
using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>A listening socket that all loops accept from. It is closed when the last of them has released it.</summary>
internal sealed class EpollListening : IListening
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<Arrival, IPairHandler?> _accept;
    private readonly EpollLoop[] _loops;
    private readonly SocketFile? _file;
    private readonly bool _inherited;
    private readonly int _descriptors;
    private readonly ReadOnlyMemory<byte> _turnAway;
    private readonly Reminder _turnedAway = new();
    private int _users;
    private int _turn;
    private bool _stopped;

    internal EpollListening(int socket, EndPoint address, ListenOptions options, EpollLoop[] loops, ConnectionBudget budget,
        Func<Arrival, IPairHandler?> accept)
    {
        Socket = socket;
        Address = address;
        IsWildcard = options.Transparent
            || (address is IPEndPoint { Address: var ip } && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
        _inherited = options.Inherited is not null;
        // The file of an inherited socket is its owner's.
        _file = _inherited ? null : SocketFile.Bound(address);
        _accept = accept;
        (Budget, _descriptors, _turnAway) = (budget, options.Descriptors, options.TurnAway);
        _loops = loops;
        _users = loops.Length;
    }

    public EndPoint Address { get; }

    /// <summary>The descriptor; valid until the last loop has released it.</summary>
    internal int Socket { get; }

    /// <summary>Whether connections have different local addresses.</summary>
    internal bool IsWildcard { get; }

    /// <summary>What all connections may have.</summary>
    internal ConnectionBudget Budget { get; }

    /// <summary>Whether there is room for another session; then <see cref="Leave"/> follows when it is over.</summary>
    internal bool TryEnter() => Budget.TryEnter(_descriptors);

    /// <summary>A session is over.</summary>
    internal void Leave() => Budget.Leave(_descriptors);

    /// <summary>Logs that accepting pauses once a minute.</summary>
    internal Reminder Paused { get; } = new();

    /// <summary>Closes a connection for which there is no room.</summary>
    internal unsafe void TurnAway(int socket, ILogger log)
    {
        if (_turnedAway.IsDue())
        {
            TransportLog.TurningAway(log, Address);
        }

        fixed (byte* words = _turnAway.Span)
        {
            // Nothing was sent to it yet, so that it fits; should it not, the connection is closed all the same.
            _ = Libc.Send(socket, words, (nuint)_turnAway.Length, SocketConstants.NoSignal);
        }

        _ = Libc.Close(socket);
    }

    internal IPairHandler? HandlerOf(in Arrival arrival) => _accept(arrival);

    /// <summary>The loops in turn.</summary>
    internal EpollLoop NextLoop() => _loops[(uint)Interlocked.Increment(ref _turn) % (uint)_loops.Length];

    /// <summary>Begins to accept on every loop.</summary>
    internal void Start()
    {
        foreach (EpollLoop loop in _loops)
        {
            Tell(loop, () => loop.Acceptors.Add(this));
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            if (_stopped)
            {
                return;
            }

            _stopped = true;
            if (_users > 0 && !_inherited)
            {
                // At once, from whatever thread: nobody can connect from here on. The descriptor itself stays
                // until no loop can use it any more.
                _ = Libc.Shutdown(Socket, SocketConstants.ShutBoth);
            }
        }

        _file?.Delete();
        foreach (EpollLoop loop in _loops)
        {
            loop.Mailbox.Post(new LoopMessage(null, 0, () => loop.Acceptors.Remove(this)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _closed.Task.ConfigureAwait(false);
    }

    /// <summary>One loop does not use the socket any more.</summary>
    internal void Release()
    {
        lock (_gate)
        {
            if (--_users > 0)
            {
                return;
            }

            _ = Libc.Close(Socket);
        }

        _closed.TrySetResult();
    }

    private void Tell(EpollLoop loop, Action action)
    {
        if (!loop.Mailbox.Post(new LoopMessage(null, 0, action)))
        {
            Release();
        }
    }
}
