using System.Diagnostics;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>How often clients connect, for as many clients as there is room for: where there is none, the one that was not heard of for the
/// longest time is forgotten. Time is handed in. Thread-safe.</summary>
/// <remarks>Of each client one number is kept: when all that it took would be given back, if a minute gives back a minute's worth (the
/// generic cell rate algorithm). A client may take a minute's worth at once.</remarks>
internal sealed class ConnectionRates(int capacity)
{
    /// <summary>Clients that are remembered in the process: a few MiB at most.</summary>
    public const int MostClients = 65_536;

    private static readonly long Minute = Stopwatch.Frequency * 60;
    private readonly Lock _gate = new();
    private readonly Dictionary<ClientNetwork, LinkedListNode<Entry>> _clients = [];

    /// <summary>Those heard of last are last.</summary>
    private readonly LinkedList<Entry> _byAge = [];

    /// <summary>Clients that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _clients.Count;
            }
        }
    }

    /// <summary>Counts a connection in. False: it is one too many, and does not count.</summary>
    /// <param name="client">Who connects.</param>
    /// <param name="perMinute">Connections that it may make in a minute; 0 = as many as it likes.</param>
    /// <param name="now">Ticks of the monotonic clock.</param>
    public bool TryTake(ClientNetwork client, int perMinute, long now)
    {
        if (perMinute <= 0)
        {
            return true;
        }

        var cost = Minute / perMinute;
        lock (_gate)
        {
            var node = Find(client);
            var full = Math.Max(node.Value.GivenBackAt, now) + cost;
            if (full - now > Minute)
            {
                return false;
            }

            node.Value = new Entry(client, full);
            return true;
        }
    }

    private LinkedListNode<Entry> Find(ClientNetwork client)
    {
        if (_clients.TryGetValue(client, out var node))
        {
            _byAge.Remove(node);
        }
        else
        {
            if (_clients.Count >= capacity && _byAge.First is { } oldest)
            {
                _clients.Remove(oldest.Value.Client);
                _byAge.RemoveFirst();
            }

            node = new LinkedListNode<Entry>(new Entry(client, long.MinValue));
            _clients[client] = node;
        }

        _byAge.AddLast(node);
        return node;
    }

    private readonly record struct Entry(ClientNetwork Client, long GivenBackAt);
}
