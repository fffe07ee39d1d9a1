using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>All series of one counter, made when they are first needed.</summary>
internal sealed class Cells
{
    private readonly ConcurrentQueue<Cell> _cells = new();

    /// <summary>Adds a series; the caller sees to it that there is one per set of attributes.</summary>
    public Cell Add(Tag[] tags)
    {
        var cell = new Cell(tags);
        _cells.Enqueue(cell);
        return cell;
    }

    /// <summary>The same of a counter whose counts are in ticks.</summary>
    public IEnumerable<Measurement<double>> MeasureSeconds() => _cells.Select(static c => c.MeasureSeconds());

    public IEnumerable<Measurement<long>> Measure() => _cells.Select(static c => c.Measure());
}
