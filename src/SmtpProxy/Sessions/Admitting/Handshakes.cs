using System.Collections.Concurrent;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Counts the TLS handshakes with clients that are under way. One costs more than a whole session without TLS, and its client
/// decides how long it takes. Thread-safe.</summary>
internal sealed class Handshakes
{
    private readonly ConcurrentDictionary<ClientNetwork, int> _byClient = new();
    private int _all;
    private int _spared;

    /// <summary>Handshakes under way.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>Why another one would be too many; null: it would not.</summary>
    public Refusal? TooMany(ClientNetwork? client, SessionLimits limits) =>
        Judge(client, Count + 1, 1 + (client is { } its ? _byClient.GetValueOrDefault(its) : Volatile.Read(ref _spared)), limits);

    /// <summary>One begins, unless it is too many. Answers why it is; null: it is not.</summary>
    public Refusal? TryBegin(ClientNetwork? client, SessionLimits limits)
    {
        var (all, ofClient) = Begin(client);
        var refusal = Judge(client, all, ofClient, limits);
        if (refusal is not null)
        {
            End(client);
        }

        return refusal;
    }

    /// <summary>One begins, whatever the limits say. Answers how many there are now; those whom the limits for each client
    /// spare count as one client.</summary>
    public (int All, int OfClient) Begin(ClientNetwork? client) =>
        (Interlocked.Increment(ref _all), client is { } its ? Tally.Add(_byClient, its) : Interlocked.Increment(ref _spared));

    /// <summary>One is over.</summary>
    public void End(ClientNetwork? client)
    {
        Interlocked.Decrement(ref _all);
        if (client is { } its)
        {
            Tally.Subtract(_byClient, its);
        }
        else
        {
            Interlocked.Decrement(ref _spared);
        }
    }

    /// <summary>Whom the limits for each client spare have half of all, rounded up, so that they cannot lock out everybody else.</summary>
    private static Refusal? Judge(ClientNetwork? client, int all, int ofClient, SessionLimits limits) =>
        Tally.Exceeds(all, limits.MaxHandshakes)
        || (client is null && Tally.Exceeds(ofClient, (limits.MaxHandshakes / 2) + (limits.MaxHandshakes % 2)))
            ? Refusal.Handshakes
            : client is not null && Tally.Exceeds(ofClient, limits.MaxHandshakesPerClient) ? Refusal.HandshakesPerClient : null;
}
