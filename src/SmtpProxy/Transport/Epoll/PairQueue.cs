using System.Runtime.InteropServices;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// The pairs of a loop that have something to do, in two rows. Who has an event has its turn in the same wake-up, unless very many do: then
/// those are first who have had least of the loop lately, and after a while it is asked who else has an event. Who has more than a turn's
/// work, or has had much, waits in the other row, in the same order, of which each wake-up takes a slice. So a pair with little to do
/// waits a millisecond at most, however many others send as fast as they can, or draw replies that come one by one.
/// </summary>
/// <param name="turns">Gives one its turn.</param>
/// <param name="clock">The time, in ticks.</param>
internal sealed class PairQueue(Action<EpollPair> turns, Func<long> clock)
{
    /// <summary>As many pairs may be ready before it matters how long the turn of one lasts, and the clock is looked at.</summary>
    private const int Crowd = 8;

    /// <summary>Of how many pairs the order is kept that have had as much.</summary>
    private const int InOrder = 256;

    /// <summary>How long a crowd is worked through before the next look at who has an event.</summary>
    private static readonly long s_stretch = 4 * Turn.Ticks;

    private readonly PriorityQueue<EpollPair, long> _busy = new();
    private List<EpollPair> _ready = [];
    private List<EpollPair> _working = [];
    private long[] _orders = [];

    /// <summary>Those who are ready are the rest of a crowd.</summary>
    private bool _isCrowd;

    /// <summary>Whose turn is measured: it has its place in the row when it is known how much it took.</summary>
    private EpollPair? _measured;

    /// <summary>There is something to do without another event.</summary>
    internal bool HasWork => _ready.Count > 0 || _busy.Count > 0;

    /// <summary>It has an event.</summary>
    internal void Enqueue(EpollPair pair)
    {
        if (pair.IsClosed)
        {
            return;
        }

        if (pair.Share.IsSlow)
        {
            EnqueueLast(pair);
        }
        else if (!pair.IsQueued)
        {
            pair.IsQueued = true;
            _ready.Add(pair);
        }
    }

    /// <summary>It has had its turn, and has more to do.</summary>
    internal void EnqueueLast(EpollPair pair)
    {
        if (pair.IsQueued)
        {
            return;
        }

        pair.IsQueued = true;
        if (pair != _measured)
        {
            _busy.Enqueue(pair, pair.Share.Order(clock()));
        }
    }

    /// <summary>Does the work of one wake-up.</summary>
    /// <returns>Whether the clock has gone on meanwhile.</returns>
    internal bool Work()
    {
        WorkReady();
        return WorkOff();
    }

    private void WorkReady()
    {
        (_ready, _working) = (_working, _ready);
        if (_working.Count > Crowd || _isCrowd)
        {
            WorkCrowd();
            return;
        }

        foreach (EpollPair pair in _working)
        {
            turns(pair);
        }

        _working.Clear();
    }

    private void WorkCrowd()
    {
        long now = clock();
        Sort(CollectionsMarshal.AsSpan(_working), now);
        long end = now + s_stretch;
        int worked = 0;
        for (; worked < _working.Count && now < end; worked++)
        {
            now = Measure(_working[worked], now);
        }

        // The others are before those who have an event later, where they have had as much.
        _working.RemoveRange(0, worked);
        (_ready, _working) = (_working, _ready);
        _isCrowd = _ready.Count > 0;
    }

    private void Sort(Span<EpollPair> pairs, long now)
    {
        if (_orders.Length < pairs.Length)
        {
            _orders = new long[2 * pairs.Length];
        }

        Span<long> orders = _orders.AsSpan(0, pairs.Length);
        for (int n = 0; n < pairs.Length; n++)
        {
            orders[n] = (pairs[n].Share.Order(now) * InOrder) + Math.Min(n, InOrder - 1);
        }

        orders.Sort(pairs);
    }

    /// <summary>Goes through the pairs that have more to do until half a <see cref="Turn"/> is over; one gets its own in any case. Then it
    /// is asked who has an event: that costs a hundredth of a turn.</summary>
    private bool WorkOff()
    {
        if (_busy.Count == 0)
        {
            return false;
        }

        long now = clock();
        long end = now + Turn.OfALeg;
        for (int left = _busy.Count; left > 0 && now < end; left--)
        {
            now = Measure(_busy.Dequeue(), now);
        }

        return true;
    }

    /// <summary>Gives one its turn, and counts what it takes.</summary>
    /// <returns>When it ended.</returns>
    private long Measure(EpollPair pair, long began)
    {
        _measured = pair;
        turns(pair);
        _measured = null;
        long now = clock();
        pair.Share.Count(now, now - began);
        if (pair.IsQueued)
        {
            _busy.Enqueue(pair, pair.Share.Order(now));
        }

        return now;
    }
}
