using SmtpProxy.Transport.Epoll.Timers;

namespace SmtpProxy.Transport.Epoll;

/// <summary>The listeners of one loop.</summary>
internal sealed class AcceptorTable(EpollLoop loop) : IDisposable
{
    private readonly List<Acceptor?> _acceptors = [];

    /// <summary>When one that was paused goes on.</summary>
    internal long NextDue { get; private set; } = TimerWheel.Never;

    /// <summary>Begins to accept for a listener.</summary>
    internal void Add(EpollListening listening)
    {
        int number = _acceptors.IndexOf(null);
        if (number < 0)
        {
            number = _acceptors.Count;
            _acceptors.Add(null);
        }

        _acceptors[number] = new Acceptor(loop, listening, number);
    }

    /// <summary>Stops accepting for a listener.</summary>
    internal void Remove(EpollListening listening)
    {
        int number = _acceptors.FindIndex(acceptor => acceptor?.Listening == listening);
        if (number >= 0)
        {
            _acceptors[number]!.Dispose();
            _acceptors[number] = null;
        }
    }

    /// <summary>Connections wait at a listener.</summary>
    internal void Note(int number)
    {
        if (number < _acceptors.Count && _acceptors[number] is { } acceptor)
        {
            acceptor.HasConnections = true;
        }
    }

    /// <summary>Accepts what was noted, and lets paused listeners go on.</summary>
    internal void Accept()
    {
        bool overdue = loop.Now >= NextDue;
        if (overdue)
        {
            NextDue = TimerWheel.Never;
        }

        // Not foreach: a handler may stop or add listeners, though only by message.
        for (int number = 0; number < _acceptors.Count; number++)
        {
            if (_acceptors[number] is { } acceptor)
            {
                if (overdue)
                {
                    acceptor.GoOn();
                }

                if (acceptor.HasConnections)
                {
                    acceptor.Accept();
                }

                NextDue = Math.Min(NextDue, acceptor.PausedUntil);
            }
        }
    }

    public void Dispose()
    {
        foreach (Acceptor? acceptor in _acceptors)
        {
            acceptor?.Dispose();
        }

        _acceptors.Clear();
    }
}
