using SmtpProxy.Faults.Counting;

namespace SmtpProxy.Tests.Faults;

public sealed class SlidingCountTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Total_AfterTheClockWasPutBack_DoesNotGrowUntilItHasCaughtUp()
    {
        var count = new SlidingCount(60);
        count.Add(Noon);

        // For an hour nothing would be too old.
        var hourAgo = Noon.AddHours(-1);
        for (var second = 0; second < 600; second++)
        {
            count.Add(hourAgo.AddSeconds(second));
        }

        Assert.Equal(60, count.Total(hourAgo.AddSeconds(599)));
    }

    [Fact]
    public void Total_OfCallersWhoRaceByAMoment_LosesNothing()
    {
        var count = new SlidingCount(60);
        count.Add(Noon);
        count.Add(Noon.AddSeconds(-2));
        Assert.Equal(2, count.Total(Noon));
    }

    /// <summary>A race is a matter of five seconds; what is further back is a clock that was put back.</summary>
    [Theory]
    [InlineData(-5, 2)]
    [InlineData(-6, 1)]
    [InlineData(59, 2)]
    [InlineData(60, 1)]
    [InlineData(61, 1)]
    public void Total_AtTheEdgeOfARaceAndOfTheTime_HoldsWhatBelongsThere(int later, int expected)
    {
        var count = new SlidingCount(60);
        count.Add(Noon);
        count.Add(Noon.AddSeconds(later));
        Assert.Equal(expected, count.Total(Noon.AddSeconds(Math.Max(later, 0))));
    }

    [Fact]
    public void Total_OfNothingNew_FallsAsTimePasses()
    {
        var count = new SlidingCount(60);
        count.Add(Noon);
        Assert.Equal((1, 0), (count.Total(Noon.AddSeconds(59)), count.Total(Noon.AddSeconds(60))));
    }
}
