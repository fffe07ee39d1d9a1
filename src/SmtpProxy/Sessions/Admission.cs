using System.Collections.Concurrent;
using System.Net;

namespace SmtpProxy.Sessions;

/// <summary>Counts open sessions by listener and by client, and says who is one too many. Thread-safe.</summary>
internal sealed class Admission
{
    private readonly ConcurrentDictionary<string, int> _byListener = new();
    private readonly ConcurrentDictionary<IPAddress, int> _byClient = new();
    private int _all;

    /// <summary>Sessions counted now.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>Counts a session in. Whatever it answers, <see cref="Leave"/> must follow.</summary>
    /// <returns>The limit that is exceeded, as in <c>smtpproxy.limit</c>; null when there is room.</returns>
    public string? Enter(string listener, EndPoint client, SessionLimits limits)
    {
        var all = Interlocked.Increment(ref _all);
        var ofListener = _byListener.AddOrUpdate(listener, 1, static (_, n) => n + 1);
        var ofClient = AddressOf(client) is { } address ? _byClient.AddOrUpdate(address, 1, static (_, n) => n + 1) : 0;
        return Exceeds(all, limits.MaxSessions) ? "sessions"
            : Exceeds(ofListener, limits.MaxSessionsPerListener) ? "sessions_per_listener"
            : Exceeds(ofClient, limits.MaxSessionsPerClient) ? "sessions_per_client"
            : null;
    }

    /// <summary>Counts it out; answers how many are left.</summary>
    public int Leave(string listener, EndPoint client)
    {
        _byListener.AddOrUpdate(listener, 0, static (_, n) => n - 1);
        if (AddressOf(client) is { } address && _byClient.AddOrUpdate(address, 0, static (_, n) => n - 1) == 0)
        {
            // Only while it is still 0: another session of the client may have come in between.
            _byClient.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
        }

        return Interlocked.Decrement(ref _all);
    }

    private static bool Exceeds(int count, int limit) => limit > 0 && count > limit;

    private static IPAddress? AddressOf(EndPoint client) => (client as IPEndPoint)?.Address;
}
