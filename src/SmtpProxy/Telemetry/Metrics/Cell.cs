using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>One series of a counter. Counting is one atomic addition; the series is read when somebody collects. That is several times
/// cheaper than a measurement through the metrics pipeline, and this runs for every reply. It is there, at 0,
/// before anything was counted.</summary>
internal sealed class Cell(Tag[] tags)
{
    private long _count;

    /// <summary>What it counted so far.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Increment() => Interlocked.Increment(ref _count);

    public void Add(long count) => Interlocked.Add(ref _count, count);

    /// <summary>The same of a series whose count is in ticks.</summary>
    public Measurement<double> MeasureSeconds() => new(Instruments.InSeconds(Count), tags.AsSpan());

    public Measurement<long> Measure() => new(Count, tags.AsSpan());
}
