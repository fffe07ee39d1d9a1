using System.Diagnostics;
using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics.Batching;

/// <summary>
/// Gathers what loops measure, and gives it to the instruments by the hundred: when a loop has so many, and whenever the metrics are read.
/// Nobody who reads them can tell. One by one, each of the twenty measurements of a message found the SDK's code and its tables in no
/// cache, and its series locked by another loop.
/// </summary>
/// <param name="areGathered">Whether it does; otherwise each goes to its instrument at once, for whoever listens there and asks nobody.
/// </param>
internal sealed class MeasurementBatches(bool areGathered)
{
    [ThreadStatic]
    private static (MeasurementBatches Owner, MeasurementRing Ring) _own;

    private readonly Lock _adding = new();
    private MeasurementRing[] _rings = [];

    /// <summary>Takes a measurement.</summary>
    /// <param name="instrument">A histogram, of seconds or of whole numbers.</param>
    /// <param name="value">Ticks for seconds, otherwise the number.</param>
    /// <param name="tags">Its attributes.</param>
    public void Take(Instrument instrument, long value, Tag[] tags)
    {
        var measurement = new Measurement(instrument, value, tags);
        if (_own.Owner == this)
        {
            _own.Ring.Add(measurement);
        }
        else if (!areGathered || Thread.CurrentThread.IsThreadPoolThread)
        {
            // Threads of the pool come and go, and work for many.
            measurement.Record();
        }
        else
        {
            Begin().Add(measurement);
        }
    }

    /// <summary>Gives all that was taken until now to the instruments. From any thread.</summary>
    public void Flush()
    {
        // The trace of whoever reads the metrics is no example of what was measured.
        var reader = Activity.Current;
        Activity.Current = null;
        Array.ForEach(Volatile.Read(ref _rings), static ring => ring.Empty());
        Activity.Current = reader;
    }

    private MeasurementRing Begin()
    {
        var ring = new MeasurementRing();
        lock (_adding)
        {
            Volatile.Write(ref _rings, [.. _rings, ring]);
        }

        _own = (this, ring);
        return ring;
    }
}
