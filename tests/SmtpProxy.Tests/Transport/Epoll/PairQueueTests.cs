using System.Diagnostics;
using System.Net;
using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Tests.Transport.Epoll;

/// <summary>Who waits for whom on a loop.</summary>
public sealed class PairQueueTests
{
    private readonly List<EpollPair> _worked = [];

    /// <summary>What a turn of each takes, in ticks.</summary>
    private readonly Dictionary<EpollPair, long> _takes = [];

    /// <summary>Who has more to do whenever it has had a turn.</summary>
    private readonly HashSet<EpollPair> _endless = [];

    /// <summary>Who asks in its turn for another one.</summary>
    private readonly HashSet<EpollPair> _asking = [];

    private readonly PairQueue _queue;
    private long _now = 1_000_000_000_000;

    public PairQueueTests() => _queue = new PairQueue(Turn, () => _now);

    private static long Long => SmtpProxy.Transport.Resources.Turn.Long + 1;

    [Fact]
    public void Slow_ManyWithOneEventAfterTheOther_HaveOneTurnInAWakeUp_AndOthersHaveTheirs()
    {
        var slow = Pairs(20, Long);
        Assert.Equal(slow, [.. WakeUp(slow), .. WakeUp(), .. WakeUp()]);

        // They are known now.
        var quick = Pairs(1, 1)[0];
        Assert.Equal([quick, slow[0]], WakeUp([.. slow, quick]));
        Assert.True(_queue.HasWork);
        Assert.Equal([quick, slow[1]], WakeUp([.. slow, quick]));
        for (var n = 2; n < slow.Length; n++)
        {
            Assert.Equal([slow[n]], WakeUp());
        }

        Assert.Equal([slow[0]], WakeUp());
        Assert.Empty(WakeUp());
        Assert.False(_queue.HasWork);
    }

    [Fact]
    public void Slow_Once_IsAmongTheOthersAgain_WhenItsTurnWasShort()
    {
        var pairs = Pairs(20, Long);
        Assert.Equal(pairs, [.. WakeUp(pairs), .. WakeUp(), .. WakeUp()]);
        Assert.All(pairs, static pair => Assert.True(pair.Share.IsSlow));
        Array.ForEach(pairs, pair => _takes[pair] = 1);
        WakeUp(pairs);
        Assert.All(pairs, static pair => Assert.False(pair.Share.IsSlow));
        Assert.Equal(pairs, WakeUp(pairs));
    }

    /// <summary>Two hundred clients that take no replies draw them one by one: each turn is short, and all of them are six
    /// milliseconds in each wake-up.</summary>
    [Fact]
    public void Many_WhoseTurnsAreShort_AndNeverEnd_LetOthersGoFirst()
    {
        var many = Pairs(200, Stopwatch.Frequency / 40_000);
        for (var n = 0; n < 600; n++)
        {
            WakeUp(many);
        }

        Assert.All(many, static pair => Assert.True(pair.Share.IsSlow));
        var quick = Pairs(1, 1)[0];
        var worked = WakeUp([.. many, quick]);
        Assert.Equal(quick, worked[0]);
        Assert.InRange(worked.Length, 2, 10);
    }

    [Fact]
    public void Many_AtOnce_AreWorkedThroughPieceByPiece_InTheOrderInWhichTheyCame()
    {
        var many = Pairs(200, Stopwatch.Frequency / 40_000);
        var quick = Pairs(1, 1)[0];
        Assert.Equal(many[..40], WakeUp(many));
        Assert.Equal(many[40..80], WakeUp(many[..40]));
        Assert.Equal(many[80..120], WakeUp());
        Assert.Equal(many[120..160], WakeUp(quick));
        Assert.Equal(many[160..], WakeUp());
        Assert.True(_queue.HasWork);
        Assert.Equal(many[..40], WakeUp());
        Assert.Equal([quick], WakeUp());
        Assert.False(_queue.HasWork);
    }

    /// <summary>Before they have had so much that they are in the row of the busy.</summary>
    [Fact]
    public void Many_WhoHaveHadMoreThanALittle_LetOthersGoFirst()
    {
        var many = Pairs(200, Stopwatch.Frequency / 40_000);
        for (var n = 0; n < 22; n++)
        {
            WakeUp(many);
            while (_queue.HasWork)
            {
                WakeUp();
            }
        }

        Assert.All(many, static pair => Assert.False(pair.Share.IsSlow));
        Assert.Equal(many[..40], WakeUp(many));
        var quick = Pairs(1, 1)[0];
        Assert.Equal([quick, .. many[40..80]], WakeUp([.. many, quick]));
    }

    [Fact]
    public void Endless_OfWhomThereAreMany_WaitForOneWhoHasHadLess()
    {
        var endless = Pairs(100, Long);
        _endless.UnionWith(endless);
        WakeUp(endless);
        for (var n = 0; n < 1_000; n++)
        {
            WakeUp();
        }

        // A handshake takes so long, and several come together; their next turns are behind those of nobody else.
        var honest = Pairs(9, 6 * Long);
        var turns = WakeUp(honest).Count(honest.Contains);
        while (turns < honest.Length)
        {
            turns += WakeUp().Count(honest.Contains);
        }

        Assert.All(honest, static pair => Assert.True(pair.Share.IsSlow));
        Array.ForEach(honest, pair => _takes[pair] = 1);
        for (var n = 0; n < 3; n++)
        {
            Assert.Equal(honest.ToHashSet(), WakeUp(honest).Take(9).ToHashSet());
        }
    }

    [Fact]
    public void Endless_OfWhomThereAreMany_HaveTheirTurnsAlike()
    {
        var endless = Pairs(10, Long);
        _endless.UnionWith(endless);
        WakeUp(endless);
        var turns = Enumerable.Range(0, 5_000).SelectMany(_ => WakeUp()).CountBy(static pair => pair).ToDictionary();
        Assert.Equal(10, turns.Count);
        Assert.All(turns.Values, static n => Assert.InRange(n, 400, 600));
    }

    /// <summary>Those who come anew all the time have had less than one who stays, who is not kept waiting for ever.</summary>
    [Fact]
    public void Endless_BehindNewOnes_HasItsTurn()
    {
        var old = Pairs(1, Long)[0];
        _endless.Add(old);
        for (var n = 0; n < 1_000; n++)
        {
            WakeUp(old);
        }

        var wakeUps = 0;
        do
        {
            Assert.InRange(++wakeUps, 1, 2 * Stopwatch.Frequency / Long);
            _queue.EnqueueLast(Pairs(1, Long)[0]);
        }
        while (!WakeUp().Contains(old));
        Assert.InRange(wakeUps, 1_000, int.MaxValue);
    }

    /// <summary>A session that is read again in its own turn, or dials, has another one in the next wake-up, and one only.</summary>
    [Theory]
    [InlineData(3, 1, false)]
    [InlineData(20, 1, false)]
    [InlineData(20, 1, true)]
    [InlineData(20, 1_000_000, false)]
    [InlineData(20, 1_000_000, true)]
    public void Pair_ThatAsksForAnotherTurnInItsOwn_HasItInTheNextWakeUp(int count, long take, bool isEndless)
    {
        var pairs = Pairs(count, take);
        _asking.UnionWith(pairs);
        if (isEndless)
        {
            _endless.UnionWith(pairs);
        }

        var turns = WakeUp(pairs).ToList();
        while (turns.Count < count)
        {
            turns.AddRange(WakeUp());
        }

        Assert.Equal(pairs, turns);
        _asking.Clear();
        _endless.Clear();
        turns.Clear();
        while (_queue.HasWork)
        {
            turns.AddRange(WakeUp());
        }

        Assert.Equal(pairs.ToHashSet(), turns.ToHashSet());
        Assert.Equal(count, turns.Count);
    }

    private EpollPair[] WakeUp(params EpollPair[] events)
    {
        _worked.Clear();
        Array.ForEach(events, _queue.Enqueue);
        _queue.Work();
        return [.. _worked];
    }

    private void Turn(EpollPair pair)
    {
        pair.IsQueued = false;
        _worked.Add(pair);
        _now += _takes[pair];
        if (_asking.Contains(pair))
        {
            _queue.Enqueue(pair);
        }

        if (_endless.Contains(pair))
        {
            _queue.EnqueueLast(pair);
        }
    }

    private EpollPair[] Pairs(int count, long take)
    {
        var pairs = Enumerable.Range(0, count).Select(static _ => new EpollPair(
            null!, null!, null!, new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 2))).ToArray();
        Array.ForEach(pairs, pair => _takes[pair] = take);
        return pairs;
    }
}
