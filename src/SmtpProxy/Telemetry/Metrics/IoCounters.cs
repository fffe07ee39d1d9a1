using System.Diagnostics.Metrics;
using SmtpProxy.Protocol.Connections;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

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

    public void Received(Leg leg, long octets) => Add((int)leg * 2, octets);

    public void Transmitted(Leg leg, long octets) => Add(((int)leg * 2) + 1, octets);

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
