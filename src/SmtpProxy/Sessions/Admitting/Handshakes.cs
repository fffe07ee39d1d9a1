using System.Collections.Concurrent;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Counts the TLS handshakes with clients that are under way. One costs more than a whole session without TLS, and its client decides how long it
/// takes. Thread-safe.</summary>
internal sealed class Handshakes
{
    private readonly ConcurrentDictionary<ClientNetwork, int> _byClient = new();
    private int _all;

    /// <summary>Handshakes under way.</summary>
    public int Count => Volatile.Read(ref _all);

    /// <summary>Why another one would be too many; null: it would not.</summary>
    public Refusal? TooMany(ClientNetwork? client, SessionLimits limits) =>
        Tally.Exceeds(Count + 1, limits.MaxHandshakes) ? Refusal.Handshakes
        : client is { } its && Tally.Exceeds(_byClient.GetValueOrDefault(its) + 1, limits.MaxHandshakesPerClient) ? Refusal.HandshakesPerClient
        : null;

    /// <summary>One begins, unless it is too many. Answers why it is; null: it is not.</summary>
    public Refusal? TryBegin(ClientNetwork? client, SessionLimits limits)
    {
        var (all, ofClient) = Begin(client);
        var refusal = Tally.Exceeds(all, limits.MaxHandshakes) ? Refusal.Handshakes
            : Tally.Exceeds(ofClient, limits.MaxHandshakesPerClient) ? Refusal.HandshakesPerClient
            : null;
        if (refusal is not null)
        {
            End(client);
        }

        return refusal;
    }

    /// <summary>One begins, whatever the limits say. Answers how many there are now.</summary>
    public (int All, int OfClient) Begin(ClientNetwork? client) =>
        (Interlocked.Increment(ref _all), client is { } its ? Tally.Add(_byClient, its) : 0);

    /// <summary>One is over.</summary>
    public void End(ClientNetwork? client)
    {
        Interlocked.Decrement(ref _all);
        if (client is { } its)
        {
            Tally.Subtract(_byClient, its);
        }
    }
}
