using System.Diagnostics;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>The traces of the process: which sessions get one, and the source of their spans.</summary>
internal sealed class SessionTracer : IDisposable
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "SmtpProxy";

    private readonly Instruments _instruments;
    private readonly TraceBudget _budget;
    private readonly bool _isLotAlone;

    /// <summary>Creates it.</summary>
    /// <param name="options">What is kept.</param>
    /// <param name="instruments">Where what is kept and dropped is counted.</param>
    /// <param name="sampler">Decides instead of the options: by lot alone, and without a cap.</param>
    public SessionTracer(TelemetryOptions options, Instruments instruments, StandardSampler? sampler = null)
    {
        _instruments = instruments;
        _isLotAlone = sampler is not null;
        _budget = sampler is null ? new TraceBudget(options.SampleShare, options.MaxTracesPerSecond)
            : new TraceBudget(sampler.Share, int.MaxValue);
        SlowTicks = (long)(options.SlowThreshold.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>The source of the spans. Each tracer has its own, so that tests do not see each other's.</summary>
    public ActivitySource Source { get; } = new(SourceName);

    /// <summary>Whether anybody takes traces.</summary>
    public bool IsOn => Source.HasListeners();

    /// <summary>Ticks from which on an operation of the relay is slow.</summary>
    public long SlowTicks { get; }

    /// <summary>Opens the trace of a session that has this record.</summary>
    public SessionTrace Open(SessionRecord record) => new(this, record);

    /// <summary>Returns whether the lot falls on a session.</summary>
    public bool Draw() => _budget.Draw();

    /// <summary>Returns whether a trace may begin, and counts it as kept or dropped.</summary>
    public bool TryTake(KeepReason reason, long at)
    {
        if (_isLotAlone && reason != KeepReason.Head)
        {
            return false;
        }

        var taken = _budget.TryTake(reason, at);
        _instruments.TraceDecided(reason, taken);
        return taken;
    }

    /// <summary>Returns whether a transaction of a long session gets a trace of its own, and counts it.</summary>
    /// <param name="why">What went wrong with it; null: nothing.</param>
    /// <param name="at">Now, in ticks of the monotonic clock.</param>
    public bool TryTakeTransaction(KeepReason? why, long at) =>
        why is { } reason && !_isLotAlone ? TryTake(reason, at) : Draw() && TryTake(KeepReason.Head, at);

    public void Dispose() => Source.Dispose();
}
