using SmtpProxy.Faults.Counting;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>The faults of the process: its rules, the switch that stops them all, and what was injected. Thread-safe.</summary>
public sealed class FaultEngine : IFaultEngine
{
    private readonly Func<FaultsOptions> _options;
    private readonly FaultInstruments _instruments;
    private readonly FaultLog _log;
    private readonly SessionNumbers _sessions = new();
    private int _active;
    private long _epoch = -1;

    /// <summary>Creates it with the rules of the configuration.</summary>
    /// <param name="options">The section <c>SmtpProxy:Faults</c> at this moment; it was found good.</param>
    /// <param name="instruments">Where faults are counted.</param>
    /// <param name="time">The clock of lives, pulses and limits.</param>
    /// <param name="log">For what an operator should see.</param>
    /// <param name="fleet">What it has in common with the engines of other proxies; null: nothing.</param>
    public FaultEngine(Func<FaultsOptions> options, FaultInstruments instruments, TimeProvider time, ILogger<FaultEngine> log,
        IFaultFleet? fleet = null)
    {
        (_options, _instruments, Time, _log, Fleet) = (options, instruments, time, new FaultLog(log, time), fleet);
        IsEnabled = options().Enabled;
        Seed = options().Seed is var seed and not 0 ? seed : Random.Shared.NextInt64(1, long.MaxValue);
        Rules = new RuleBook(options, time, () => Changed?.Invoke());
        Presets = new PresetRuns(Rules);
        Switch = new HaltSwitch(options, time, _log, () => Changed?.Invoke(), fleet);
        Desk = new RuleDesk(this, fleet);
        instruments.Observe(Armed);
        if (IsEnabled)
        {
            _log.Enabled(Seed);
            Reload();
        }
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public bool IsEnabled { get; }

    /// <inheritdoc/>
    public bool IsHalted => Switch.State is not null;

    /// <summary>What draws are made from.</summary>
    public long Seed { get; }

    /// <summary>Faults in progress.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>The rules.</summary>
    public RuleBook Rules { get; }

    /// <summary>The presets that run.</summary>
    public PresetRuns Presets { get; }

    /// <summary>Where rules are changed from outside.</summary>
    public RuleDesk Desk { get; }

    /// <summary>What stops all faults at once.</summary>
    public HaltSwitch Switch { get; }

    /// <summary>The latest faults.</summary>
    internal InjectionLog Injections { get; } = new();

    internal FaultsOptions Options => _options();

    internal TimeProvider Time { get; }

    /// <summary>What it has in common with the engines of other proxies; null: nothing.</summary>
    internal IFaultFleet? Fleet { get; }

    /// <summary>It belongs to a fleet that it does not hear: nothing strikes, for a halt would not be known here.</summary>
    internal bool IsAlone => Fleet is { IsHeard: false };

    /// <inheritdoc/>
    public ISessionFaults Open(FaultFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var (ofListener, ofClient) = _sessions.Open(facts, Time.GetUtcNow());
        return new SessionFaults(this, facts, ofListener, ofClient);
    }

    /// <inheritdoc/>
    public void SessionOver(bool faulted, bool failed)
    {
        if (!faulted && Rules.Current.HasArmed)
        {
            Switch.SessionOver(failed);
        }
    }

    /// <summary>Reads the rules of the configuration anew. Where faults are not enabled there are none.</summary>
    public void Reload()
    {
        if (IsEnabled)
        {
            Rules.Reload();
        }
    }

    /// <summary>Removes the rules of the API, and forgets greylists, limits and what was counted for occurrences
    /// and draws. A halt stays.</summary>
    public void Reset()
    {
        _sessions.Forget();
        Rules.Reset();
    }

    /// <summary>Returns the state of faults at this moment.</summary>
    public FaultStatus Status() => FaultStatus.Of(this);

    /// <summary>Returns, for each point at which there are rules, what each of them says to a session such as this,
    /// and why. Changes nothing.</summary>
    /// <param name="facts">The session that is imagined.</param>
    public IReadOnlyList<PointExplanation> Explain(FaultFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return PointExplanation.Of(new SessionFaults(this, facts, 1, 1), facts);
    }

    /// <summary>Takes the rules that the fleet has in common. Where faults are not enabled there are none.</summary>
    internal void Take(SharedRules shared)
    {
        if (!IsEnabled)
        {
            return;
        }

        foreach (var (rule, problem) in Rules.Take(shared))
        {
            _log.NotTaken(rule, problem);
        }

        if (Interlocked.Exchange(ref _epoch, shared.Epoch) is >= 0 and var before && before != shared.Epoch)
        {
            _sessions.Forget();
            Rules.Forget();
        }

        if (Fleet is { Era.Length: > 0 } fleet)
        {
            Rules.Bind(fleet.Era, shared.Epoch);
        }
    }

    /// <summary>To be called once a second: removes rules whose life is over, and looks for the halt file.</summary>
    internal void Sweep()
    {
        Switch.LookForFile();
        Rules.RemoveOver();
    }

    /// <summary>To be called once a minute: warns while something is armed.</summary>
    internal void Warn()
    {
        var now = Time.GetUtcNow();
        string[] live = [.. Rules.Current.All.Where(r => r.Rule.IsEnabled && !r.Rule.IsOver(now)).Select(static r => r.Rule.Id)];
        if (IsEnabled && !IsHalted && live.Length > 0)
        {
            _log.Armed(live);
        }
    }

    /// <summary>Counts a fault that begins. Returns false when as many are in progress as may be.</summary>
    internal bool TryBegin()
    {
        if (Interlocked.Increment(ref _active) <= Options.MaxActiveFaults)
        {
            return true;
        }

        Interlocked.Decrement(ref _active);
        return false;
    }

    /// <summary>A fault that was counted did not begin after all.</summary>
    internal void NotBegun() => Interlocked.Decrement(ref _active);

    /// <summary>A fault is over.</summary>
    internal void Over(RuleState state, Injection injection)
    {
        Interlocked.Decrement(ref _active);
        state.Done();
        Injections.Add(injection);
        _instruments.Injected(injection);
    }

    /// <summary>A rule did not strike although it matched.</summary>
    internal void Skip(RuleState state, string reason)
    {
        state.Skip(reason);
        _instruments.Skipped(state.Rule.Id, reason);
    }

    /// <summary>How many sessions began in the last five minutes.</summary>
    internal long RecentSessions(DateTimeOffset now) => _sessions.Recent(now);

    /// <summary>The engine itself failed at a session, which goes on without a fault.</summary>
    internal void Failed(Exception e) => _log.Failed(e);

    private IEnumerable<(FaultRule Rule, bool Armed)> Armed()
    {
        var (halted, now) = (IsHalted || IsAlone, Time.GetUtcNow());
        return Rules.Current.All.Select(r => (r.Rule, !halted && r.Rule.IsEnabled && r.Rule.IsTime(now)));
    }
}
