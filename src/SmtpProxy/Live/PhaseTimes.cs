using SmtpProxy.Telemetry.Clocks;

namespace SmtpProxy.Live;

/// <summary>How long a phase took, as far as buckets tell it: within a quarter.</summary>
/// <param name="Count">How often it was.</param>
/// <param name="P50Ms">Half of them took no longer, in milliseconds; null: there was none.</param>
/// <param name="P95Ms">Nineteen of twenty took no longer.</param>
internal readonly record struct PhaseTimes(long Count, double? P50Ms, double? P95Ms)
{
    /// <summary>That of all of these together.</summary>
    public static PhaseTimes Of(IEnumerable<long[]?> counts)
    {
        long[]? sum = null;
        foreach (var some in counts)
        {
            if (some is null)
            {
                continue;
            }

            sum ??= new long[some.Length];
            for (var n = 0; n < some.Length; n++)
            {
                sum[n] += some[n];
            }
        }

        var count = sum?.Sum() ?? 0;
        return count == 0 ? default : new PhaseTimes(count, Quantile(sum!, count, 0.5), Quantile(sum!, count, 0.95));
    }

    private static double Quantile(long[] counts, long count, double share)
    {
        var wanted = share * count;
        for (var n = 0; n < counts.Length; n++)
        {
            if (counts[n] > 0 && counts[n] >= wanted)
            {
                var (from, to) = Latencies.BoundsOf(n);
                return Math.Round(from + ((to - from) * wanted / counts[n]), 3);
            }

            wanted -= counts[n];
        }

        return 0;
    }
}
