using System.Net;

namespace SmtpProxy.Live;

/// <summary>The clients that were seen: as many as may be remembered; who was away for the longest time is forgotten first. Thread-safe;
/// loops do not come here.</summary>
internal sealed class ClientTable(LiveOptions options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, ClientEntry> _clients = [];
    private ClientEntry? _oldest;
    private ClientEntry? _newest;
    private long _forgotten;

    /// <summary>Whether clients are remembered at all.</summary>
    public bool IsOn => options.MaxClients > 0;

    /// <summary>How many may be.</summary>
    public int Most => options.MaxClients;

    /// <summary>How many were forgotten to make room.</summary>
    public long Forgotten => Volatile.Read(ref _forgotten);

    /// <summary>A client was seen.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="at">When.</param>
    /// <param name="note">Notes what was seen; under a lock.</param>
    public void See(IPAddress address, DateTimeOffset at, Action<ClientEntry> note)
    {
        if (!IsOn)
        {
            return;
        }

        lock (_lock)
        {
            if (_clients.TryGetValue(address, out var client))
            {
                Unlink(client);
            }
            else
            {
                _clients[address] = client = new ClientEntry(address) { FirstSeen = at };
                if (_clients.Count > options.MaxClients && _oldest is { } oldest)
                {
                    Unlink(oldest);
                    _clients.Remove(oldest.Address);
                    _forgotten++;
                }
            }

            client.LastSeen = at > client.LastSeen ? at : client.LastSeen;
            (client.Older, client.Newer) = (_newest, null);
            _ = _newest is null ? _oldest = client : _newest.Newer = client;
            _newest = client;
            note(client);
        }
    }

    /// <summary>What is made of each client, those that were seen last first.</summary>
    /// <param name="select">Makes it; under a lock. It must take copies.</param>
    public List<T> Select<T>(Func<ClientEntry, T> select)
    {
        lock (_lock)
        {
            var all = new List<T>(_clients.Count);
            for (var client = _newest; client is not null; client = client.Older)
            {
                all.Add(select(client));
            }

            return all;
        }
    }

    private void Unlink(ClientEntry client)
    {
        _ = client.Older is null ? _oldest = client.Newer : client.Older.Newer = client.Newer;
        _ = client.Newer is null ? _newest = client.Older : client.Newer.Older = client.Older;
        (client.Older, client.Newer) = (null, null);
    }
}
