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
}
