using System.Collections.Concurrent;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>The series of a counter that are told apart by one key. Thread-safe.</summary>
/// <typeparam name="TKey">What tells them apart.</typeparam>
/// <param name="cells">The counter's series.</param>
/// <param name="tagsOf">The attributes of one.</param>
internal sealed class CellsBy<TKey>(Cells cells, Func<TKey, Tag[]> tagsOf)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Cell> _byKey = new();

    /// <summary>The series of this key; made when it is first needed.</summary>
    public Cell this[TKey key] => _byKey.TryGetValue(key, out var cell) ? cell : Make(key);

    /// <summary>Every series there is, with its count.</summary>
    public IEnumerable<(TKey Key, long Count)> Counts => _byKey.Select(static s => (s.Key, s.Value.Count));

    /// <summary>Shows these series at 0. A counter that appears with its first event hides that event from <c>increase()</c> and
    /// <c>rate()</c>, which compare with the scrape before.</summary>
    public void Show(IEnumerable<TKey> keys)
    {
        foreach (var key in keys)
        {
            _ = this[key];
        }
    }

    private Cell Make(TKey key)
    {
        // Under a lock: every set of attributes must have one series, and a factory of GetOrAdd may run twice.
        lock (_byKey)
        {
            return _byKey.GetOrAdd(key, k => cells.Add(tagsOf(k)));
        }
    }
}
