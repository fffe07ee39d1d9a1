using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>One series of a counter. Counting is one atomic addition; the series is read when somebody collects. That is several times
/// cheaper than a measurement through the metrics pipeline, and this runs for every reply.</summary>
internal sealed class Cell(Tag[] tags)
{
    private long _count;

    public void Increment() => Interlocked.Increment(ref _count);

    public Measurement<long> Measure() => new(Volatile.Read(ref _count), tags.AsSpan());
}
