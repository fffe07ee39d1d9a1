namespace SmtpProxy.Protocol.Exchanges;

/// <summary>What short queues are made of, kept for whoever needs one next: a session that waits for its client has no use for it. Each
/// thread keeps some, so that nobody waits for another.</summary>
internal static class SmallRings
{
    /// <summary>Exchanges that one has room for.</summary>
    public const int Length = 4;

    /// <summary>How many a thread keeps. As many are in use at once as sessions of it wait for their relay; what is
    /// more is the collector's.</summary>
    private const int Most = 64;

    [ThreadStatic]
    private static Stack<Exchange[]>? _kept;

    /// <summary>Returns one, with whatever it held before.</summary>
    public static Exchange[] Take() => _kept is { Count: > 0 } kept ? kept.Pop() : new Exchange[Length];

    /// <summary>Nobody uses it any more.</summary>
    public static void GiveBack(Exchange[] ring)
    {
        var kept = _kept ??= new Stack<Exchange[]>();
        if (kept.Count < Most)
        {
            kept.Push(ring);
        }
    }
}
