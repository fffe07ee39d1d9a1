using SmtpProxy.Faults.Counting;
using SmtpProxy.Faults.Shared;

namespace SmtpProxy.Faults.Engine;

/// <summary>Stops all faults of the process at once, and lets them go on: by hand, because a file exists, or because sessions fail that no
/// fault touched. Thread-safe.</summary>
public sealed class HaltSwitch
{
    private readonly Func<FaultsOptions> _options;
    private readonly TimeProvider _time;
    private readonly FaultLog _log;
    private readonly Action _changed;
    private readonly IFaultFleet? _fleet;
    private readonly Lock _lock = new();
    private readonly SlidingCount _sessions = new(60);
    private readonly SlidingCount _failed = new(60);
    private volatile HaltState? _state;

    internal HaltSwitch(Func<FaultsOptions> options, TimeProvider time, FaultLog log, Action changed, IFaultFleet? fleet) =>
        (_options, _time, _log, _changed, _fleet) = (options, time, log, changed, fleet);

    /// <summary>Why faults are halted; null: they are not.</summary>
    public HaltState? State => _state;

    /// <summary>Stops everything until <see cref="Resume"/>: nothing is injected, and what is held is released. Idempotent.</summary>
    public void Halt(string reason, string by)
    {
        var state = new HaltState(reason, _time.GetUtcNow(), by);
        if (Latch(state))
        {
            _fleet?.Halted(reason, by, state.Since);
        }
    }

    /// <summary>Another proxy of the fleet was halted. Idempotent.</summary>
    internal void HaltWithFleet(HaltState state) => Latch(state);

    /// <summary>Another proxy of the fleet was resumed. A halt file stands all the same.</summary>
    internal void ResumeWithFleet()
    {
        if (HaltFile is null)
        {
            Unlatch();
        }
    }

    /// <summary>Faults may strike again.</summary>
    /// <returns>Null, or why not.</returns>
    public string? Resume()
    {
        if (HaltFile is { } file)
        {
            return $"the file {file} exists; remove it first";
        }

        if (Unlatch())
        {
            _fleet?.Resumed();
        }

        return null;
    }

    /// <summary>Halts when the halt file exists.</summary>
    internal void LookForFile()
    {
        if (HaltFile is { } file)
        {
            Halt($"the file {file} exists", "file");
        }
    }

    /// <summary>A session ended into which no fault was injected. When too many of them fail, the faults of others do
    /// more harm than they should.</summary>
    internal void SessionOver(bool failed)
    {
        var options = _options();
        if (options.AutoHaltRatio >= 1)
        {
            return;
        }

        var now = _time.GetUtcNow();
        long all;
        long bad;
        lock (_lock)
        {
            _sessions.Add(now);
            if (failed)
            {
                _failed.Add(now);
            }

            (all, bad) = (_sessions.Total(now), _failed.Total(now));
        }

        if (all >= options.AutoHaltMinSessions && bad > options.AutoHaltRatio * all && _state is null)
        {
            Halt(FormattableString.Invariant($"{bad} of the last minute's {all} sessions without a fault failed"), "automatic");
        }
    }

    private bool Latch(HaltState state)
    {
        lock (_lock)
        {
            if (_state is not null)
            {
                return false;
            }

            _state = state;
        }

        _log.Halted(state.By, state.Reason);
        _changed();
        return true;
    }

    private bool Unlatch()
    {
        lock (_lock)
        {
            if (_state is null)
            {
                return false;
            }

            _state = null;
            _sessions.Clear();
            _failed.Clear();
        }

        _log.Resumed();
        _changed();
        return true;
    }

    /// <summary>The configured file whose existence halts all faults; null: there is none, or it does not exist.</summary>
    private string? HaltFile => _options().HaltFile is { Length: > 0 } file && File.Exists(file) ? file : null;
}
