using System.Collections.Concurrent;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>Counts by key that hold only keys whose count is not 0. Thread-safe.</summary>
internal static class Tally
{
    /// <summary>One more; answers how many there are now.</summary>
    public static int Add<TKey>(ConcurrentDictionary<TKey, int> counts, TKey key)
        where TKey : notnull => counts.AddOrUpdate(key, 1, static (_, n) => n + 1);

    /// <summary>One less.</summary>
    public static void Subtract<TKey>(ConcurrentDictionary<TKey, int> counts, TKey key)
        where TKey : notnull
    {
        if (counts.AddOrUpdate(key, 0, static (_, n) => n - 1) == 0)
        {
            // Only while it is still 0: another of the same key may have come in between.
            counts.TryRemove(new KeyValuePair<TKey, int>(key, 0));
        }
    }

    /// <summary>Whether a count is above its limit; 0 = no limit.</summary>
    public static bool Exceeds(int count, int limit) => limit > 0 && count > limit;
}
