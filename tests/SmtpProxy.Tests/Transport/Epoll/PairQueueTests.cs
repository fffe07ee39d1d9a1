using System.Diagnostics;
using System.Net;
using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Tests.Transport.Epoll;

/// <summary>Who waits for whom on a loop.</summary>
public sealed class PairQueueTests
{
    private readonly List<EpollPair> _worked = [];

    [Fact]
    public void Slow_ManyWithOneEventAfterTheOther_HaveOneTurnInAWakeUp_AndOthersHaveTheirs()
    {
        var slow = Enumerable.Range(0, 20).Select(static _ => Pair()).ToArray();
        var queue = new PairQueue(pair =>
        {
            pair.IsQueued = false;
            _worked.Add(pair);
            if (slow.Contains(pair))
            {
                TakeLong();
            }
        });
        Assert.Equal(slow, WakeUp(queue, slow));

        // They are known now.
        var quick = Pair();
        Assert.Equal([quick, slow[0]], WakeUp(queue, [.. slow, quick]));
        Assert.True(queue.HasWork);
        Assert.Equal([quick, slow[1]], WakeUp(queue, [.. slow, quick]));
        for (var n = 2; n < slow.Length; n++)
        {
            Assert.Equal([slow[n]], WakeUp(queue));
        }

        Assert.Equal([slow[0]], WakeUp(queue));
        Assert.Empty(WakeUp(queue));
    }

    [Fact]
    public void Slow_Once_IsAmongTheOthersAgain_WhenItsTurnWasShort()
    {
        var isLong = true;
        var pairs = Enumerable.Range(0, 20).Select(static _ => Pair()).ToArray();
        var queue = new PairQueue(pair =>
        {
            pair.IsQueued = false;
            _worked.Add(pair);
            if (isLong)
            {
                TakeLong();
            }
        });
        WakeUp(queue, pairs);
        isLong = false;
        for (var wakes = 0; pairs.Any(static p => p.IsSlow); wakes++)
        {
            // One that was interrupted for so long is slow by no fault of its own, and has another turn.
            Assert.InRange(wakes, 0, 10_000);
            WakeUp(queue, [.. pairs.Where(static p => p.IsSlow)]);
        }

        Assert.All(pairs, static pair => Assert.False(pair.IsSlow));
    }

    private EpollPair[] WakeUp(PairQueue queue, params EpollPair[] events)
    {
        _worked.Clear();
        Array.ForEach(events, queue.Enqueue);
        queue.Work();
        return [.. _worked];
    }

    private static void TakeLong()
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() - began <= Turn.OfALeg)
        {
            // It has so much to do.
        }
    }

    private static EpollPair Pair() =>
        new(null!, null!, null!, new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 2));
}
