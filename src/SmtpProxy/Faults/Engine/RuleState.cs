using System.Net;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Faults.Engine;

/// <summary>What a rule has done so far: counts of occasions, budgets, statistics. Thread-safe by its own lock; bounded.</summary>
internal sealed class RuleState(FaultRule rule)
{
    /// <summary>Keys of occasions, of clients and of draws that are kept at most; beyond it they are forgotten all at once, which begins
    /// their counting anew.</summary>
    private const int MostKeys = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _occasions = [];
    private readonly Dictionary<string, long> _draws = [];
    private readonly Dictionary<IPAddress, long> _clients = [];
    private readonly Queue<DateTimeOffset> _lastMinute = new();
    private readonly SlidingCount _affected = new();
    private readonly Dictionary<string, long> _skipped = [];
    private int _active;

    /// <summary>The rule.</summary>
    public FaultRule Rule => rule;

    /// <summary>In a fleet, the revision that made it; 0: it was made here.</summary>
    public long Made { get; init; }

    /// <summary>Injections so far.</summary>
    public long Hits { get; private set; }

    /// <summary>Injections in progress.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>How often each reason kept it from striking.</summary>
    public IReadOnlyDictionary<string, long> Skipped
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<string, long>(_skipped);
            }
        }
    }

    /// <summary>Injections left of its budget; null: without limit.</summary>
    public long? Left => rule.Budget.Integer("maxInjections") is { } most ? Math.Max(0, most - Hits) : null;

    /// <summary>The number of this occasion within its scope, from 1.</summary>
    public long Occasion(string scope, bool peek)
    {
        lock (_lock)
        {
            return Count(_occasions, scope, peek);
        }
    }

    /// <summary>How often this key has been drawn for, from 1.</summary>
    public long DrawOrdinal(string key, bool peek)
    {
        lock (_lock)
        {
            return Count(_draws, key, peek);
        }
    }

    /// <summary>Takes one injection out of the budget.</summary>
    /// <returns>False when the budget is spent.</returns>
    public bool TryTake(IPAddress client, bool isNewSession, long sessions, DateTimeOffset now, bool peek)
    {
        lock (_lock)
        {
            while (_lastMinute.TryPeek(out var oldest) && now - oldest >= TimeSpan.FromMinutes(1))
            {
                _lastMinute.Dequeue();
            }

            var budget = rule.Budget;
            if (Hits >= budget.Integer("maxInjections")
                || _lastMinute.Count >= budget.Integer("maxPerMinute")
                || _active >= budget.Integer("maxConcurrent")
                || _clients.GetValueOrDefault(client) >= budget.Integer("maxPerClient")
                || (isNewSession && _affected.Total(now) + 1 > budget.Number("maxAffectedRatio") * sessions))
            {
                return false;
            }

            if (!peek)
            {
                Take(client, isNewSession, now);
            }

            return true;
        }
    }

    /// <summary>One of its injections is over.</summary>
    public void Done() => Interlocked.Decrement(ref _active);

    /// <summary>It did not strike, for this reason.</summary>
    public void Skip(string reason)
    {
        lock (_lock)
        {
            _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
        }
    }

    /// <summary>Forgets occasions and what the action keeps; statistics and budgets stay.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _occasions.Clear();
            _draws.Clear();
        }

        rule.Action.Reset();
    }

    private static long Count(Dictionary<string, long> counts, string key, bool peek)
    {
        var number = counts.GetValueOrDefault(key) + 1;
        if (!peek)
        {
            if (counts.Count >= MostKeys)
            {
                counts.Clear();
            }

            counts[key] = number;
        }

        return number;
    }

    private void Take(IPAddress client, bool isNewSession, DateTimeOffset now)
    {
        Hits++;
        Interlocked.Increment(ref _active);
        if (rule.Budget.Has("maxPerMinute"))
        {
            _lastMinute.Enqueue(now);
        }

        if (rule.Budget.Has("maxPerClient"))
        {
            if (_clients.Count >= MostKeys)
            {
                _clients.Clear();
            }

            _clients[client] = _clients.GetValueOrDefault(client) + 1;
        }

        if (isNewSession)
        {
            _affected.Add(now);
        }
    }
}
