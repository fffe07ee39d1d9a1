using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults;

/// <summary>The rules of the process, what they have done, and the switch that stops them all. Thread-safe.</summary>
public sealed partial class FaultEngine : IFaultEngine
{
    private readonly Func<FaultsOptions> _options;
    private readonly FaultInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<FaultEngine> _log;
    private readonly Lock _lock = new();
    private readonly InjectionLog _injections = new();
    private readonly SlidingCount _sessions = new();
    private readonly SlidingCount _plain = new(60);
    private readonly SlidingCount _failed = new(60);
    private readonly Dictionary<string, long> _ordinals = [];
    private volatile RuleSet _rules = RuleSet.Empty;
    private volatile HaltState? _halt;
    private DateTimeOffset _failureTold;
    private long _failures;
    private int _active;

    /// <summary>Creates it with the rules of the configuration.</summary>
    /// <param name="options">The section, as it is at the moment; it was found good.</param>
    /// <param name="instruments">Where it is counted.</param>
    /// <param name="time">The clock of lives, pulses and limits.</param>
    /// <param name="log">For what an operator should see.</param>
    public FaultEngine(Func<FaultsOptions> options, FaultInstruments instruments, TimeProvider time, ILogger<FaultEngine> log)
    {
        (_options, _instruments, _time, _log) = (options, instruments, time, log);
        IsEnabled = options().Enabled;
        Seed = options().Seed is var seed and not 0 ? seed : Random.Shared.NextInt64(1, long.MaxValue);
        instruments.Observe(Armed);
        if (IsEnabled)
        {
            LogEnabled(Seed);
            Reload();
        }
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public bool IsEnabled { get; }

    /// <inheritdoc/>
    public bool IsHalted => _halt is not null;

    /// <summary>Why faults are halted; null: they are not.</summary>
    public HaltState? Halted => _halt;

    /// <summary>What draws are made from.</summary>
    public long Seed { get; }

    /// <summary>Grows with every change of the rules.</summary>
    public long Revision => _rules.Revision;

    /// <summary>Faults in progress.</summary>
    public int Active => Volatile.Read(ref _active);

    internal RuleSet Rules => _rules;

    internal FaultsOptions Options => _options();

    internal InjectionLog Injections => _injections;

    internal TimeProvider Time => _time;

    /// <inheritdoc/>
    public ISessionFaults Open(FaultFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        lock (_lock)
        {
            _sessions.Add(_time.GetUtcNow());
            return new SessionFaults(this, facts, Next($"l\n{facts.Listener}"), Next($"c\n{facts.Client}"));
        }
    }

    /// <inheritdoc/>
    public void SessionOver(bool faulted, bool failed)
    {
        var options = Options;
        if (faulted || !_rules.HasArmed || options.AutoHaltRatio >= 1)
        {
            return;
        }

        var now = _time.GetUtcNow();
        long all;
        long bad;
        lock (_lock)
        {
            _plain.Add(now);
            if (failed)
            {
                _failed.Add(now);
            }

            (all, bad) = (_plain.Total(now), _failed.Total(now));
        }

        if (all >= options.AutoHaltMinSessions && bad > options.AutoHaltRatio * all && !IsHalted)
        {
            Halt(FormattableString.Invariant($"{bad} of the last minute's {all} sessions without a fault failed"), "automatic");
        }
    }

    /// <summary>Stops everything at once, until <see cref="Resume"/>: nothing is injected, and what is held is released. Idempotent.</summary>
    public void Halt(string reason, string by)
    {
        lock (_lock)
        {
            if (_halt is not null)
            {
                return;
            }

            _halt = new HaltState(reason, _time.GetUtcNow(), by);
        }

        LogHalted(by, reason);
        Changed?.Invoke();
    }

    /// <summary>Faults may strike again.</summary>
    /// <returns>Null, or why not.</returns>
    public string? Resume()
    {
        if (Options.HaltFile is { Length: > 0 } file && File.Exists(file))
        {
            return $"the file {file} exists; remove it first";
        }

        lock (_lock)
        {
            if (_halt is null)
            {
                return null;
            }

            _halt = null;
            _plain.Clear();
            _failed.Clear();
        }

        LogResumed();
        Changed?.Invoke();
        return null;
    }

    /// <summary>Once a second: rules whose life is over go, and the halt file is looked for.</summary>
    internal void Sweep()
    {
        if (Options.HaltFile is { Length: > 0 } file && File.Exists(file))
        {
            Halt($"the file {file} exists", "file");
        }

        var now = _time.GetUtcNow();
        if (_rules.All.Any(r => r.Rule.Source == RuleSource.Api && r.Rule.IsOver(now)))
        {
            Replace(rules => rules.Where(r => r.Rule.Source == RuleSource.File || !r.Rule.IsOver(now)));
        }
    }

    /// <summary>Whether another fault may begin; the answer yes counts it.</summary>
    internal bool TryBegin()
    {
        if (Interlocked.Increment(ref _active) <= Options.MaxActiveFaults)
        {
            return true;
        }

        Interlocked.Decrement(ref _active);
        return false;
    }

    /// <summary>It did not begin after all.</summary>
    internal void NotBegun() => Interlocked.Decrement(ref _active);

    /// <summary>A fault is over.</summary>
    internal void Over(RuleState state, Injection injection)
    {
        Interlocked.Decrement(ref _active);
        state.Done();
        _injections.Add(injection);
        _instruments.Injected(injection);
    }

    /// <summary>A rule did not strike although it matched.</summary>
    internal void Skip(RuleState state, string reason)
    {
        state.Skip(reason);
        _instruments.Skipped(state.Rule.Id, reason);
    }

    /// <summary>Sessions of the last five minutes.</summary>
    internal long RecentSessions(DateTimeOffset now)
    {
        lock (_lock)
        {
            return _sessions.Total(now);
        }
    }

    /// <summary>The engine itself failed at a session: no fault.</summary>
    internal void Failed(Exception e)
    {
        long failures;
        lock (_lock)
        {
            _failures++;
            var now = _time.GetUtcNow();
            if (now - _failureTold < TimeSpan.FromMinutes(1))
            {
                return;
            }

            (failures, _failureTold) = (_failures, now);
        }

        LogFailed(e, failures);
    }

    /// <summary>Once a minute while something is armed.</summary>
    internal void Warn()
    {
        var now = _time.GetUtcNow();
        string[] live = [.. _rules.All.Where(r => r.Rule.IsEnabled && !r.Rule.IsOver(now)).Select(static r => r.Rule.Id)];
        if (IsEnabled && !IsHalted && live.Length > 0)
        {
            LogArmed(live.Length, string.Join(", ", live));
        }
    }

    private void Replace(Func<IReadOnlyList<RuleState>, IEnumerable<RuleState>> change)
    {
        lock (_lock)
        {
            _rules = new RuleSet(change(_rules.All), _rules.Revision + 1);
        }

        Changed?.Invoke();
    }

    private IEnumerable<(FaultRule Rule, bool Armed)> Armed()
    {
        var (halted, now) = (IsHalted, _time.GetUtcNow());
        return _rules.All.Select(r => (r.Rule, !halted && r.Rule.IsEnabled && r.Rule.IsTime(now)));
    }

    private long Next(string what)
    {
        const int Most = 100_000;
        if (_ordinals.Count >= Most)
        {
            _ordinals.Clear();
        }

        return _ordinals[what] = _ordinals.GetValueOrDefault(what) + 1;
    }

    [LoggerMessage(EventId = 600, Level = LogLevel.Warning, Message = "Faults are enabled in this process; seed {Seed}")]
    private partial void LogEnabled(long seed);

    [LoggerMessage(EventId = 601, Level = LogLevel.Warning, Message = "Faults are armed: {Count} rules ({Rules})")]
    private partial void LogArmed(int count, string rules);

    [LoggerMessage(EventId = 602, Level = LogLevel.Warning, Message = "Faults are halted by {By}: {Reason}")]
    private partial void LogHalted(string by, string reason);

    [LoggerMessage(EventId = 603, Level = LogLevel.Warning, Message = "Faults are resumed")]
    private partial void LogResumed();

    [LoggerMessage(EventId = 604, Level = LogLevel.Error, Message = "The fault engine failed at a session, which goes on without a fault; {Count} times since the start")]
    private partial void LogFailed(Exception e, long count);
}
