namespace SmtpProxy.Sink;

/// <summary>
/// Greylisting (RFC 6647): who tried to send to whom, and when first. Without the client's address, which a relay behind a proxy does not
/// see. Bounded: the oldest pair makes room for the newest. Thread-safe.
/// </summary>
internal sealed class Greylist(TimeProvider time)
{
    private const int MaxPairs = 10_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string From, string To), long> _first = [];
    private readonly Queue<(string From, string To)> _oldest = [];

    /// <summary>Whether a sender's mail to a recipient is taken: true when the first attempt was at least
    /// <paramref name="after"/> ago.</summary>
    public bool Admits(string from, string to, TimeSpan after)
    {
        lock (_lock)
        {
            if (_first.TryGetValue((from, to), out var first))
            {
                return time.GetElapsedTime(first) >= after;
            }

            if (_oldest.Count >= MaxPairs)
            {
                _first.Remove(_oldest.Dequeue());
            }

            _first.Add((from, to), time.GetTimestamp());
            _oldest.Enqueue((from, to));
            return false;
        }
    }
}
