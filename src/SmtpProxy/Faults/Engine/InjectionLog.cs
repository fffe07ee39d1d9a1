namespace SmtpProxy.Faults.Engine;

/// <summary>The last injections, numbered, for tests to assert on. Thread-safe.</summary>
internal sealed class InjectionLog
{
    private const int Kept = 10_000;
    private readonly Lock _lock = new();
    private readonly Queue<(long Id, Injection Injection)> _last = new();
    private long _next = 1;

    /// <summary>Number of the latest; 0: none yet.</summary>
    public long Latest
    {
        get
        {
            lock (_lock)
            {
                return _next - 1;
            }
        }
    }

    /// <summary>Adds an injection; the oldest goes when there are too many.</summary>
    public void Add(Injection injection)
    {
        lock (_lock)
        {
            _last.Enqueue((_next++, injection));
            if (_last.Count > Kept)
            {
                _last.Dequeue();
            }
        }
    }

    /// <summary>The injections after a number, oldest first.</summary>
    public IReadOnlyList<(long Id, Injection Injection)> After(long id, string? rule, int most)
    {
        lock (_lock)
        {
            return [.. _last.Where(e => e.Id > id && (rule is null || e.Injection.Rule == rule)).Take(most)];
        }
    }
}
