using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// The pairs of a loop that have something to do, in two rows. Who has an event has its turn in the same wake-up, unless very many do: then
/// those are last who have had more than a little of the loop lately, and after a while it is asked who else has an event. Who has more
/// than a turn's work, or has had much, waits in the other row, in the same order, of which each wake-up takes a slice. So a pair with
/// little to do waits for those like it, and for a slice, however many others send as fast as they can, or draw replies one by one.
/// </summary>
/// <param name="turns">Gives one its turn.</param>
/// <param name="clock">The time, in ticks.</param>
internal sealed class PairQueue(Action<EpollPair> turns, Func<long> clock)
{
    /// <summary>As many pairs may be ready before it matters how long the turn of one lasts, and the clock is looked at.</summary>
    private const int Crowd = 8;

    /// <summary>Of so many that come in the same moment the order is kept.</summary>
    private const int InOrder = 256;

    /// <summary>How long a crowd is worked through before the next look at who has an event.</summary>
    private static readonly long s_stretch = 4 * Turn.Ticks;

    private readonly PriorityQueue<EpollPair, long> _busy = new();
    private readonly PriorityQueue<EpollPair, long> _crowd = new();
    private List<EpollPair> _ready = [];
    private List<EpollPair> _working = [];

    /// <summary>How many have had a place in a row.</summary>
    private long _came;

    /// <summary>Whose turn is measured: it has its place in the row when it is known how much it took.</summary>
    private EpollPair? _measured;
    private bool _hasMore;

    /// <summary>There is something to do without another event.</summary>
    internal bool HasWork => _ready.Count > 0 || _crowd.Count > 0 || _busy.Count > 0;

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
        if (pair == _measured)
        {
            _hasMore = true;
        }
        else
        {
            _busy.Enqueue(pair, PlaceOf(pair, clock()));
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
        // In its turn a session may ask for another one at once, which is one of the next wake-up.
        (_ready, _working) = (_working, _ready);
        if (_working.Count > Crowd || _crowd.Count > 0)
        {
            WorkCrowd();
        }
        else
        {
            foreach (EpollPair pair in _working)
            {
                turns(pair);
            }
        }

        _working.Clear();
    }

    private void WorkCrowd()
    {
        long now = clock();
        foreach (EpollPair pair in _working)
        {
            _crowd.Enqueue(pair, PlaceOf(pair, now));
        }

        long end = now + s_stretch;
        while (_crowd.Count > 0 && now < end)
        {
            now = Measure(_crowd.Dequeue(), now);
        }
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
        (_measured, _hasMore) = (pair, false);
        turns(pair);
        _measured = null;
        long now = clock();
        pair.Share.Count(now, now - began);
        if (_hasMore)
        {
            _busy.Enqueue(pair, PlaceOf(pair, now));
        }

        return now;
    }

    private long PlaceOf(EpollPair pair, long now) => (pair.Share.Order(now) * InOrder) + (_came++ % InOrder);
}
