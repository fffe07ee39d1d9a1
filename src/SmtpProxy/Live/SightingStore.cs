namespace SmtpProxy.Live;

/// <summary>The last finished sessions, bounded in number and in octets: the oldest go first. Thread-safe;
/// loops do not come here.</summary>
internal sealed class SightingStore(LiveOptions options)
{
    private readonly Lock _lock = new();
    private readonly Queue<Sighting> _sightings = new();
    private readonly Dictionary<string, Sighting> _lastById = new(StringComparer.Ordinal);
    private long _octets;
    private long _last;
    private long _evicted;
    private Action<Sighting>? _added;

    /// <summary>The number of the last one that was kept; 0: none was.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>How many are held, the octets that they take, and how many went to make room.</summary>
    public (int Count, long Octets, long Evicted) Held
    {
        get
        {
            lock (_lock)
            {
                return (_sightings.Count, _octets, _evicted);
            }
        }
    }

    /// <summary>Keeps one. For one caller.</summary>
    /// <param name="make">Makes it, with the number that it gets.</param>
    public void Add(Func<long, Sighting> make)
    {
        var sighting = make(_last + 1);
        lock (_lock)
        {
            _sightings.Enqueue(sighting);
            _lastById[sighting.Facts.Id] = sighting;
            _octets += sighting.Size;
            Volatile.Write(ref _last, sighting.Number);
            while (_sightings.Count > 1 && (_sightings.Count > options.MaxSessions || _octets > options.Memory))
            {
                Evict();
            }

            _added?.Invoke(sighting);
        }
    }

    /// <summary>Returns the session with this name; of one in parts the last, or the one that is asked for. Null: it is not held.</summary>
    public Sighting? Find(string id, int? part = null)
    {
        lock (_lock)
        {
            return !_lastById.TryGetValue(id, out var last) || part is null || part == last.Part ? last
                : _sightings.FirstOrDefault(s => s.Part == part && s.Facts.Id == id);
        }
    }

    /// <summary>Those that were kept before this one, the last first.</summary>
    /// <param name="number">The number to begin before; <see cref="long.MaxValue"/>: with the last.</param>
    public IReadOnlyList<Sighting> Before(long number = long.MaxValue)
    {
        Sighting[] all;
        lock (_lock)
        {
            all = [.. _sightings];
        }

        Array.Reverse(all);
        // Numbers have no gaps.
        var skip = all.Length == 0 || number > all[0].Number ? 0 : (int)Math.Min(all.Length, all[0].Number - number + 1);
        return new ArraySegment<Sighting>(all, skip, all.Length - skip);
    }

    /// <summary>Calls for each that is kept from now on, and returns those that were kept after this one and are held, the first first.
    /// Nothing falls between.</summary>
    /// <param name="added">Called under a lock: it must return at once.</param>
    /// <param name="after">The number to begin after.</param>
    public IReadOnlyList<Sighting> Follow(Action<Sighting> added, long after)
    {
        lock (_lock)
        {
            _added += added;
            return [.. _sightings.SkipWhile(s => s.Number <= after)];
        }
    }

    /// <summary>Does not call any more.</summary>
    public void Leave(Action<Sighting> added)
    {
        lock (_lock)
        {
            _added -= added;
        }
    }

    private void Evict()
    {
        var oldest = _sightings.Dequeue();
        _octets -= oldest.Size;
        _evicted++;
        if (_lastById.TryGetValue(oldest.Facts.Id, out var last) && last == oldest)
        {
            _lastById.Remove(oldest.Facts.Id);
        }
    }
}
