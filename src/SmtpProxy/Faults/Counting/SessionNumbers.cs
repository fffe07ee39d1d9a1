namespace SmtpProxy.Faults.Counting;

/// <summary>Counts sessions: by listener and by client, because draws are made for the how-many-th session of each,
/// and by time. Thread-safe.</summary>
internal sealed class SessionNumbers
{
    /// <summary>Listeners and clients that are counted at most; beyond it all are forgotten at once, which
    /// begins their counting anew.</summary>
    private const int Most = 100_000;

    private readonly Lock _lock = new();
    private readonly SlidingCount _recent = new();
    private readonly Dictionary<string, long> _ordinals = [];

    /// <summary>Counts a session. Returns its number at its listener and of its client, each from 1.</summary>
    public (long OfListener, long OfClient) Open(FaultFacts facts, DateTimeOffset now)
    {
        lock (_lock)
        {
            _recent.Add(now);
            return (Next($"l\n{facts.Listener}"), Next($"c\n{facts.Client}"));
        }
    }

    /// <summary>How many sessions began in the last five minutes.</summary>
    public long Recent(DateTimeOffset now)
    {
        lock (_lock)
        {
            return _recent.Total(now);
        }
    }

    /// <summary>Begins to count listeners and clients anew.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _ordinals.Clear();
        }
    }

    private long Next(string what)
    {
        if (_ordinals.Count >= Most)
        {
            _ordinals.Clear();
        }

        return _ordinals[what] = _ordinals.GetValueOrDefault(what) + 1;
    }
}
