using System.Diagnostics;
using SmtpProxy.Sessions.Admitting;

namespace SmtpProxy.Tests.Sessions.Admitting;

public sealed class ConnectionRatesTests
{
    private static readonly ClientNetwork Alice = new(0, 1);

    [Fact]
    public void TryTake_AMinutesWorthAtOnce_IsFine_AndThenOneForEachThatIsGivenBack()
    {
        var rates = new ConnectionRates(10);
        Assert.Equal(300, Enumerable.Range(0, 400).Count(_ => rates.TryTake(Alice, 300, Seconds(0))));
        Assert.Equal(50, Enumerable.Range(0, 400).Count(_ => rates.TryTake(Alice, 300, Seconds(10.01))));
        Assert.Equal(300, Enumerable.Range(0, 400).Count(_ => rates.TryTake(Alice, 300, Seconds(1000))));
    }

    [Fact]
    public void TryTake_WithoutALimit_RemembersNobody()
    {
        var rates = new ConnectionRates(10);
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(rates.TryTake(Alice, 0, 0)));
        Assert.Equal(0, rates.Count);
    }

    [Fact]
    public void TryTake_ByAnySweepOfClients_RemembersNoMoreThanThereIsRoomFor_AndTheLatestAlways()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var capacity = random.Next(1, 50);
            var rates = new ConnectionRates(capacity);
            var latest = new Dictionary<ClientNetwork, int>();
            for (var n = 0; n < 2_000; n++)
            {
                var client = new ClientNetwork(0, (ulong)random.Next(random.Next(2) == 0 ? capacity : 5_000));
                rates.TryTake(client, 1, Seconds(1));
                latest[client] = n;
                Assert.InRange(rates.Count, 1, capacity);
            }

            // One a minute: who is remembered is refused, who is forgotten is not.
            var remembered = latest.OrderByDescending(static c => c.Value).Take(capacity).Select(static c => c.Key).ToHashSet();
            Assert.All(remembered.Take(1), client => Assert.False(rates.TryTake(client, 1, Seconds(2))));
            Assert.Equal(Math.Min(capacity, latest.Count), rates.Count);
        }
    }

    private static long Seconds(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
