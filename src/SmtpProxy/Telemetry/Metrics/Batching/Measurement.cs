using System.Diagnostics;
using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics.Batching;

/// <summary>Something that was measured.</summary>
/// <param name="instrument">A histogram, of seconds or of whole numbers.</param>
/// <param name="value">Ticks for seconds, otherwise the number.</param>
/// <param name="tags">Its attributes.</param>
internal readonly struct Measurement(Instrument instrument, long value, Tag[] tags)
{
    /// <summary>Gives it to its instrument.</summary>
    public void Record()
    {
        if (instrument is Histogram<double> seconds)
        {
            seconds.Record((double)value / Stopwatch.Frequency, tags);
        }
        else
        {
            ((Histogram<long>)instrument).Record(value, tags);
        }
    }
}
