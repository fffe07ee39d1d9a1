using System.Diagnostics;
using System.Numerics;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Telemetry.Clocks;

/// <summary>
/// How long each phase of a relay took, in buckets that grow by a quarter of their power of two: what the page shows of the last minute is
/// made of it, which the histograms of the metrics SDK do not tell. One atomic addition each. Thread-safe.
/// </summary>
internal sealed class Latencies
{
    /// <summary>The phase after the operations: from 220 to 354.</summary>
    public const int DataReady = (int)Operation.Quit + 1;

    /// <summary>How many phases there are.</summary>
    public const int Phases = DataReady + 1;

    private const int Most = 33;
    private const int Buckets = 4 * Most;
    private readonly long[]?[] _counts = new long[]?[Phases];

    /// <summary>A phase took so many ticks.</summary>
    public void Add(int phase, long ticks) => Interlocked.Increment(ref (_counts[phase] ?? Make(phase))[BucketOf(ticks)]);

    /// <summary>Adds what was counted until now.</summary>
    public void AddTo(long[]?[] sums)
    {
        for (var phase = 0; phase < Phases; phase++)
        {
            if (_counts[phase] is not { } counts)
            {
                continue;
            }

            var sum = sums[phase] ??= new long[Buckets];
            for (var n = 0; n < Buckets; n++)
            {
                sum[n] += Volatile.Read(ref counts[n]);
            }
        }
    }

    /// <summary>The name of a phase: of an operation, or <c>data_ready</c>.</summary>
    public static string NameOf(int phase) => phase == DataReady ? "data_ready" : Protocol.WireNames.Of((Operation)phase);

    /// <summary>The bounds of a bucket, in milliseconds.</summary>
    public static (double From, double To) BoundsOf(int bucket)
    {
        static double Lower(int n) => n < 4 ? n : (4L + (n & 3)) << ((n >> 2) - 1);
        return (Lower(bucket) / 1000, Lower(bucket + 1) / 1000);
    }

    private static int BucketOf(long ticks)
    {
        var microseconds = (ulong)Math.Max(0, ticks) * 1_000_000 / (ulong)Stopwatch.Frequency;
        if (microseconds < 4)
        {
            return (int)microseconds;
        }

        var power = BitOperations.Log2(microseconds);
        return Math.Min(Buckets - 1, (4 * (power - 1)) + (int)((microseconds >> (power - 2)) & 3));
    }

    private long[] Make(int phase)
    {
        var made = new long[Buckets];
        return Interlocked.CompareExchange(ref _counts[phase], made, null) ?? made;
    }
}
