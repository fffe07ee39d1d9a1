using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Arrivals;
using SmtpProxy.Transport.Epoll.Legs;
using SmtpProxy.Transport.Epoll.Timers;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>
/// Turns what happens on a loop into calls of its pairs' sessions. Each entry point catches what the session throws and ends in
/// <see cref="Settle"/>, which also sees to what the session's requests left to be done. One for the loop.
/// </summary>
internal sealed class PairTurns(EpollLoop loop, LegReader reader)
{
    /// <summary>Begins the session of a pair on an accepted socket.</summary>
    /// <returns>0, or an <see cref="Errno"/>; then the socket is closed, and the session has had its first call and its last.</returns>
    internal int Begin(EpollPair pair, int socket)
    {
        int errno = pair.Attach(Leg.Client, socket, LegState.None);
        // In the listener's queue it may have waited for us.
        loop.Time.Aged(loop.Time.MayBeVeryLate ? StampedRead.Age(socket) : 0);
        try
        {
            pair.Handler.Accepted(pair);
        }
        catch (Exception thrown)
        {
            Abandon(pair, thrown);
        }

        loop.Time.Handled();

        if (errno != 0)
        {
            pair.ForgetDial();
        }

        Settle(pair);
        return errno;
    }

    /// <summary>Notes what epoll reported about a leg; <see cref="Work"/> acts on it when all events of this wake-up are noted.</summary>
    internal void Note(EpollPair pair, Leg which, uint generation, uint events)
    {
        ref EpollLeg leg = ref pair.LegOf(which);
        if (leg.Generation == generation)
        {
            leg.Note(events);
            loop.Queue.Enqueue(pair);
        }
    }

    /// <summary>Does everything that can be done for a pair now.</summary>
    internal void Work(EpollPair pair)
    {
        pair.IsQueued = false;
        try
        {
            FinishDial(pair);
            reader.Flush(pair, Leg.Client);
            reader.Flush(pair, Leg.Relay);
            // What the client sent, it sent before it could see what the relay's octets say.
            reader.Read(pair, Leg.Client);
            BeginDial(pair);
            reader.Read(pair, Leg.Relay);
        }
        catch (Exception thrown)
        {
            Abandon(pair, thrown);
        }

        Settle(pair);
    }

    /// <summary>Tells the session of its timers that have run out.</summary>
    internal void Expire(EpollPair pair)
    {
        try
        {
            // A session that sets a timer again for now is told so in the next turn: the time stands still in this one.
            for (int told = 0;
                told < PairDeadlines.Count && !pair.IsClosed && pair.Deadlines.TakeDue(loop.Now) is >= 0 and var timer; told++)
            {
                RunOut(pair, timer);
            }
        }
        catch (Exception thrown)
        {
            Abandon(pair, thrown);
        }

        if (pair.Place < 0 && pair.Deadlines.Next is var next and < TimerWheel.Never)
        {
            loop.Wheel.File(pair, next);
        }

        Settle(pair);
    }

    /// <summary>Passes on what another thread asked for.</summary>
    internal void Deliver(EpollPair pair, int signal)
    {
        if (pair.IsClosed)
        {
            return;
        }

        try
        {
            pair.Handler.Signalled(signal);
        }
        catch (Exception thrown)
        {
            Abandon(pair, thrown);
        }

        Settle(pair);
    }

    /// <summary>Ends a pair because the transport ends.</summary>
    internal void Abort(EpollPair pair)
    {
        pair.Drop();
        Settle(pair);
    }

    private void BeginDial(EpollPair pair)
    {
        if (!pair.RelayDial.IsWanted)
        {
            return;
        }

        int errno = pair.RelayDial.Begin(out int socket);
        if (socket >= 0)
        {
            errno = pair.Attach(Leg.Relay, socket, LegState.Connecting | (errno == 0 ? LegState.Writable : LegState.None));
        }

        if (errno == 0)
        {
            FinishDial(pair);
        }
        else
        {
            Dialled(pair, Dialler.Failure(errno));
        }
    }

    private void FinishDial(EpollPair pair)
    {
        if (pair.RelayDial.TryFinish(ref pair.LegOf(Leg.Relay), loop.Time, out DialResult result))
        {
            Dialled(pair, result);
        }
    }

    private static void Dialled(EpollPair pair, in DialResult result)
    {
        pair.ForgetDial();
        pair.Handler.Dialled(pair.RelayDial.Timed(result));
    }

    private static void RunOut(EpollPair pair, int timer)
    {
        if (timer == PairDeadlines.Dial)
        {
            pair.LegOf(Leg.Relay).Close();
            Dialled(pair, pair.RelayDial.TimedOut);
        }
        else
        {
            pair.Handler.TimedOut((PairTimer)timer);
        }
    }

    /// <summary>After every call: the session's last call when nothing is left, another turn when something is.</summary>
    private void Settle(EpollPair pair)
    {
        if (pair.IsClosed)
        {
            return;
        }

        if (!pair.IsOver)
        {
            if (LegReader.IsBusy(pair, Leg.Client) || LegReader.IsBusy(pair, Leg.Relay))
            {
                loop.Queue.EnqueueLast(pair);
            }

            return;
        }

        pair.IsClosed = true;
        loop.Forget(pair);
        try
        {
            pair.Handler.Closed();
        }
        catch (Exception thrown)
        {
            TransportLog.HandlerFailed(loop.Logger, thrown, pair.Id);
        }
    }

    private void Abandon(EpollPair pair, Exception thrown)
    {
        TransportLog.HandlerFailed(loop.Logger, thrown, pair.Id);
        pair.Drop();
    }
}
