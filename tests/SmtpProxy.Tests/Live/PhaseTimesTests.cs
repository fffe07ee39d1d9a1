using System.Diagnostics;
using SmtpProxy.Telemetry.Clocks;
using SmtpProxy.Live;

namespace SmtpProxy.Tests.Live;

public sealed class PhaseTimesTests
{
    [Theory]
    [InlineData(0.05)]
    [InlineData(1)]
    [InlineData(42)]
    [InlineData(5000)]
    [InlineData(300_000)]
    public void Quantiles_OfOneTime_AreThatTimeWithinItsBucket(double ms)
    {
        var latencies = new Latencies();
        for (var n = 0; n < 100; n++)
        {
            latencies.Add(Latencies.DataReady, (long)(ms * Stopwatch.Frequency / 1000));
        }

        var sums = new long[]?[Latencies.Phases];
        latencies.AddTo(sums);
        var times = PhaseTimes.Of([sums[Latencies.DataReady], null]);
        Assert.Equal(100, times.Count);
        Assert.InRange(times.P50Ms!.Value, ms * 0.79, ms * 1.26);
        Assert.InRange(times.P95Ms!.Value, times.P50Ms.Value, ms * 1.26);
    }

    [Fact]
    public void Quantiles_OfNothing_AreNone() => Assert.Equal(default, PhaseTimes.Of([null]));

    [Fact]
    public void Buckets_OneAfterTheOther_HaveNoGaps()
    {
        for (var n = 0; n < 131; n++)
        {
            Assert.Equal(Latencies.BoundsOf(n).To, Latencies.BoundsOf(n + 1).From);
            Assert.True(Latencies.BoundsOf(n).From < Latencies.BoundsOf(n).To);
        }
    }
}
