using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SmtpProxy.Faults.Counting;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>What a rule has done so far: counts of occasions, budgets, statistics. Thread-safe by its own lock; bounded.</summary>
internal sealed class RuleState(FaultRule rule)
{
    /// <summary>Keys of occasions, of clients and of draws that are kept at most; beyond it they are forgotten all at once, which begins
    /// their counting anew.</summary>
    private const int MostKeys = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _occasions = [];
    private readonly Dictionary<ulong, int> _draws = [];
    private readonly Dictionary<IPAddress, long> _clients = [];
    private readonly Queue<DateTimeOffset> _lastMinute = new();
    private readonly SlidingCount _affected = new();
    private readonly Dictionary<string, long> _skipped = [];
    private volatile Counted? _common;
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

    /// <summary>Injections in the whole fleet, as last heard here.</summary>
    public long CommonHits { get; set; }

    /// <summary>Injections left of its budget; null: without limit.</summary>
    public long? Left => rule.Budget.Integer("maxInjections") is { } most ? Math.Max(0, most - Math.Max(Hits, CommonHits)) : null;

    /// <summary>Where the fleet counts for it; null: not known yet, so that it cannot strike where it must be counted.</summary>
    public CommonCounter? Counter(DateTimeOffset now)
    {
        if (_common is not { } common)
        {
            return null;
        }

        // A rule of a file may come back with its process; one of the API is over with its life.
        var kept = rule.Source == RuleSource.Api && rule.NotAfter is { } end && end >= now
            ? end - now + TimeSpan.FromMinutes(1) : TimeSpan.FromDays(1);
        return new CommonCounter(common.Name, common.Era, kept);
    }

    /// <summary>Says where the fleet counts for it. Once it is said it stands until <see cref="Reset"/>.</summary>
    /// <param name="era">The fleet's era.</param>
    /// <param name="epoch">How often what was counted was forgotten on purpose.</param>
    public void Bind(string era, long epoch) => _common ??= new Counted(era, Made > 0
        ? FormattableString.Invariant($"{rule.Id}@{Made}") : FormattableString.Invariant($"{rule.Id}#{Hash(rule.Text)}#{epoch}"));

    /// <summary>The number of this occasion within its scope, from 1.</summary>
    public long Occasion(string scope, bool peek)
    {
        lock (_lock)
        {
            return Count(_occasions, scope, peek);
        }
    }

    /// <summary>How often this key has been drawn for, from 1. There may be as many as messages: a key is a number, of 8 octets.</summary>
    public long DrawOrdinal(ulong key, bool peek)
    {
        lock (_lock)
        {
            return Count(_draws, key, peek);
        }
    }

    /// <summary>Takes one injection out of the budget.</summary>
    /// <param name="client">The client.</param>
    /// <param name="isNewSession">It has not struck in this session yet.</param>
    /// <param name="sessions">Sessions of the last five minutes.</param>
    /// <param name="now">The time.</param>
    /// <param name="peek">Only asked: nothing is taken.</param>
    /// <param name="isCommon">The fleet has counted what it counts.</param>
    /// <returns>False when the budget is spent.</returns>
    public bool TryTake(IPAddress client, bool isNewSession, long sessions, DateTimeOffset now, bool peek, bool isCommon = false)
    {
        lock (_lock)
        {
            while (_lastMinute.TryPeek(out var oldest) && now - oldest >= TimeSpan.FromMinutes(1))
            {
                _lastMinute.Dequeue();
            }

            var budget = rule.Budget;
            if (_active >= budget.Integer("maxConcurrent")
                || _clients.GetValueOrDefault(client) >= budget.Integer("maxPerClient")
                || (!isCommon && (Hits >= budget.Integer("maxInjections")
                    || _lastMinute.Count >= budget.Integer("maxPerMinute")
                    || (isNewSession && _affected.Total(now) + 1 > budget.Number("maxAffectedRatio") * sessions))))
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

        _common = null;
        rule.Action.Reset();
    }

    private static string Hash(JsonObject text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToJsonString())).AsSpan(0, 8));

    private static TNumber Count<TKey, TNumber>(Dictionary<TKey, TNumber> counts, TKey key, bool peek)
        where TKey : notnull
        where TNumber : struct, IBinaryInteger<TNumber>
    {
        var number = counts.GetValueOrDefault(key) + TNumber.One;
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

    private sealed record Counted(string Era, string Name);
}
