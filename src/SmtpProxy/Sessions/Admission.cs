using System.Collections.Concurrent;
using System.Net;

namespace SmtpProxy.Sessions;

/// <summary>Counts open sessions by listener and by client, and says who is one too many. Thread-safe.</summary>
internal sealed class Admission
{
    /// <summary>The limit that names a client outside the networks that a listener serves.</summary>
    public const string Denied = "denied_network";

    private readonly ConcurrentDictionary<string, int> _byListener = new();
    private readonly ConcurrentDictionary<IPAddress, int> _byClient = new();
    private readonly ConcurrentDictionary<(string, IPAddress), int> _byListenerAndClient = new();
    private int _all;

    /// <summary>Sessions counted now.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>Counts a session in. Whatever it answers, <see cref="Leave"/> must follow.</summary>
    /// <returns>The limit that is exceeded, as in <c>smtpproxy.limit</c>; null when there is room.</returns>
    public string? Enter(string listener, EndPoint client, SessionLimits limits, ListenerPolicy policy)
    {
        var all = Interlocked.Increment(ref _all);
        var ofListener = Add(_byListener, listener);
        var (ofClient, ofBoth) = AddressOf(client) is { } address ? (Add(_byClient, address), Add(_byListenerAndClient, (listener, address))) : (0, 0);
        return !policy.Serves(client) ? Denied
            : Exceeds(all, limits.MaxSessions) ? "sessions"
            : Exceeds(ofListener, limits.MaxSessionsPerListener) || Exceeds(ofListener, policy.MaxSessions) ? "sessions_per_listener"
            : Exceeds(ofClient, limits.MaxSessionsPerClient) || Exceeds(ofBoth, policy.MaxSessionsPerClient) ? "sessions_per_client"
            : null;
    }

    /// <summary>Counts it out; answers how many are left.</summary>
    public int Leave(string listener, EndPoint client)
    {
        _byListener.AddOrUpdate(listener, 0, static (_, n) => n - 1);
        if (AddressOf(client) is { } address)
        {
            Subtract(_byClient, address);
            Subtract(_byListenerAndClient, (listener, address));
        }

        return Interlocked.Decrement(ref _all);
    }

    private static int Add<TKey>(ConcurrentDictionary<TKey, int> counts, TKey key)
        where TKey : notnull => counts.AddOrUpdate(key, 1, static (_, n) => n + 1);

    private static void Subtract<TKey>(ConcurrentDictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        if (counts.AddOrUpdate(key, 0, static (_, n) => n - 1) == 0)
        {
            // Only while it is still 0: another session of the client may have come in between.
            counts.TryRemove(new KeyValuePair<TKey, int>(key, 0));
        }
    }

    private static bool Exceeds(int count, int limit) => limit > 0 && count > limit;

    private static IPAddress? AddressOf(EndPoint client) => (client as IPEndPoint)?.Address;
}
