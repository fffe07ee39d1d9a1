using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry;

/// <summary>One series of a counter. Counting is one atomic addition; the series is read when somebody collects. That is several times
/// cheaper than a measurement through the metrics pipeline, and this runs for every reply.</summary>
internal sealed class Cell(Tag[] tags)
{
    private long _count;

    public void Increment() => Interlocked.Increment(ref _count);

    public Measurement<long> Measure() => new(Volatile.Read(ref _count), tags.AsSpan());
}

/// <summary>All series of one counter, made when they are first needed.</summary>
internal sealed class Cells
{
    private readonly ConcurrentQueue<Cell> _cells = new();

    /// <summary>A new series; the caller sees to it that there is one per set of attributes.</summary>
    public Cell Add(Tag[] tags)
    {
        var cell = new Cell(tags);
        _cells.Enqueue(cell);
        return cell;
    }

    public IEnumerable<Measurement<long>> Measure() => _cells.Select(static c => c.Measure());
}

/// <summary>The octets that went through the process, by direction and leg. Threads count in places of their own, so that loops on
/// different cores do not contend for a cache line on every buffer.</summary>
internal sealed class IoCounters
{
    private const int Stride = 16;
    private static readonly Tag[][] Tags =
    [
        [new(Attributes.IoDirection, "receive"), new(Attributes.Leg, "client")],
        [new(Attributes.IoDirection, "transmit"), new(Attributes.Leg, "client")],
        [new(Attributes.IoDirection, "receive"), new(Attributes.Leg, "relay")],
        [new(Attributes.IoDirection, "transmit"), new(Attributes.Leg, "relay")],
    ];

    private readonly int _mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) - 1;
    private readonly long[] _octets;

    public IoCounters() => _octets = new long[(_mask + 1) * Stride];

    public void Received(Transport.Leg leg, long octets) => Add((int)leg * 2, octets);

    public void Transmitted(Transport.Leg leg, long octets) => Add(((int)leg * 2) + 1, octets);

    public IEnumerable<Measurement<long>> Measure()
    {
        for (var kind = 0; kind < Tags.Length; kind++)
        {
            var sum = 0L;
            for (var place = kind; place < _octets.Length; place += Stride)
            {
                sum += Volatile.Read(ref _octets[place]);
            }

            yield return new Measurement<long>(sum, Tags[kind]);
        }
    }

    private void Add(int kind, long octets) =>
        Interlocked.Add(ref _octets[((Environment.CurrentManagedThreadId & _mask) * Stride) + kind], octets);
}
