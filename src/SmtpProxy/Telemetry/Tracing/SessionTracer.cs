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

    /// <summary>Creates it.</summary>
    /// <param name="options">What is kept.</param>
    /// <param name="instruments">Where what is kept and dropped is counted.</param>
    public SessionTracer(TelemetryOptions options, Instruments instruments)
    {
        _instruments = instruments;
        _budget = new TraceBudget(options.SampleShare, options.MaxTracesPerSecond);
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

    /// <summary>Returns whether the lot falls on a session, or on a transaction of a long one.</summary>
    public bool Draw() => _budget.Draw();

    /// <summary>Returns whether a trace may begin, and counts it as kept or dropped.</summary>
    public bool TryTake(KeepReason reason, long at)
    {
        var taken = _budget.TryTake(reason, at);
        _instruments.TraceDecided(reason, taken);
        return taken;
    }

    public void Dispose() => Source.Dispose();
}
