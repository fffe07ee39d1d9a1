using System.Diagnostics;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// The pairs of a loop that have something to do, in two rows. Who has an event has its turn in the same wake-up. Who has more than a
/// turn's work, or whose last turn was long, waits in the other row, of which each wake-up takes a slice: a pair with little to do waits
/// for one slice at most, however many others send as fast as they can, or draw replies that come one by one.
/// </summary>
/// <param name="turns">Gives one its turn.</param>
internal sealed class PairQueue(Action<EpollPair> turns)
{
    /// <summary>As many pairs may be ready before it matters how long the turn of one lasts, and the clock is looked at.</summary>
    private const int Crowd = 8;

    private readonly Queue<EpollPair> _busy = new();
    private List<EpollPair> _ready = [];
    private List<EpollPair> _working = [];

    /// <summary>There is something to do without another event.</summary>
    internal bool HasWork => _ready.Count > 0 || _busy.Count > 0;

    /// <summary>It has an event.</summary>
    internal void Enqueue(EpollPair pair)
    {
        if (pair.IsClosed)
        {
            return;
        }

        if (pair.IsSlow)
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
        if (!pair.IsQueued)
        {
            pair.IsQueued = true;
            _busy.Enqueue(pair);
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
        bool isCrowd = _working.Count > Crowd;
        long began = isCrowd ? Stopwatch.GetTimestamp() : 0;
        foreach (EpollPair pair in _working)
        {
            turns(pair);
            if (isCrowd)
            {
                long now = Stopwatch.GetTimestamp();
                pair.IsSlow = now - began > Turn.Long;
                began = now;
            }
        }

        _working.Clear();
    }

    /// <summary>Goes through the pairs that have more to do, each once at most, until half a <see cref="Turn"/> is over; one gets its own
    /// in any case. Then it is asked who has an event: that costs a hundredth of a turn.</summary>
    private bool WorkOff()
    {
        if (_busy.Count == 0)
        {
            return false;
        }

        long now = Stopwatch.GetTimestamp();
        long end = now + Turn.OfALeg;
        for (int left = _busy.Count; left > 0 && now < end; left--)
        {
            EpollPair pair = _busy.Dequeue();
            turns(pair);
            long began = now;
            now = Stopwatch.GetTimestamp();
            pair.IsSlow = now - began > Turn.Long;
        }

        return true;
    }
}
