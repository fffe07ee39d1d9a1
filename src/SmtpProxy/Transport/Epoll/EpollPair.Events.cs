using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport.Epoll.Native;

namespace SmtpProxy.Transport.Epoll;

/// <content>What the loop reports to the pair, and how it becomes calls of the session. Each entry point catches what the session throws and
/// ends in <see cref="Settle"/>, which also sees to what the session's requests left to be done.</content>
internal sealed partial class EpollPair
{
    /// <summary>Begins the session on an accepted socket.</summary>
    /// <returns>0, or an <see cref="Errno"/>; then the socket is closed, and the session was told that it began and that it is over.</returns>
    internal int Begin(int socket)
    {
        int errno = Register(ref _client, Leg.Client, socket, LegState.None);
        try
        {
            _handler.Accepted(this);
        }
        catch (Exception thrown)
        {
            Abandon(thrown);
        }

        if (errno != 0)
        {
            GiveUpDial();
        }

        Settle();
        return errno;
    }

    /// <summary>Notes what epoll reported about a leg; <see cref="Work"/> acts on it when all events of this wake-up are noted.</summary>
    internal void Note(Leg which, uint generation, uint events)
    {
        ref EpollLeg leg = ref LegOf(which);
        if (leg.Generation != generation)
        {
            return;
        }

        const uint Failure = Native.Epoll.Error | Native.Epoll.HangUp;
        LegState state = leg.State;
        if ((events & Native.Epoll.In) != 0)
        {
            state |= LegState.Readable;
        }

        if ((events & Native.Epoll.Out) != 0)
        {
            state |= LegState.Writable;
        }

        if ((events & (Native.Epoll.ReadHangUp | Failure)) != 0)
        {
            state |= LegState.Readable | LegState.HungUp;
        }

        if ((events & Failure) != 0)
        {
            state |= LegState.Broken | LegState.Suspect | LegState.Writable;
        }

        leg.State = state;
        Enqueue();
    }

    /// <summary>Does everything that can be done now.</summary>
    internal void Work()
    {
        _queued = false;
        try
        {
            FinishDial();
            Flush(Leg.Client);
            Flush(Leg.Relay);
            // What the client sent, it sent before it could see what the relay's octets say.
            Read(Leg.Client);
            BeginDial();
            Read(Leg.Relay);
        }
        catch (Exception thrown)
        {
            Abandon(thrown);
        }

        Settle();
    }

    /// <summary>Reports deadlines that have passed to the session.</summary>
    internal override void Expire()
    {
        try
        {
            for (int timer = 0; timer < PairTimers.Count && !_closed; timer++)
            {
                if (_timers[timer] <= _loop.Now)
                {
                    _timers[timer] = PairTimers.Never;
                    if (timer == PairTimers.Dial)
                    {
                        _dialWanted = false;
                        _relay.Close();
                        _handler.Dialled(new DialResult(DialOutcome.TimedOut, null, null, $"No answer within {_dialling.Timeout.TotalSeconds:0.###} s"));
                    }
                    else
                    {
                        _handler.TimedOut((PairTimer)timer);
                    }
                }
            }
        }
        catch (Exception thrown)
        {
            Abandon(thrown);
        }

        if (Place < 0 && _timers.Next is var next and < PairTimers.Never)
        {
            _loop.Wheel.File(this, next);
        }

        Settle();
    }

    /// <summary>Passes on what another thread asked for.</summary>
    internal void Deliver(int signal)
    {
        if (_closed)
        {
            return;
        }

        try
        {
            _handler.Signalled(signal);
        }
        catch (Exception thrown)
        {
            Abandon(thrown);
        }

        Settle();
    }

    /// <summary>Ends the pair because the transport ends.</summary>
    internal void Abort()
    {
        GiveUpDial();
        _client.Reset();
        _relay.Reset();
        Settle();
    }

    private void Enqueue()
    {
        if (!_queued && !_closed)
        {
            _queued = true;
            _loop.Enqueue(this);
        }
    }

    private void EnqueueIfBusy()
    {
        if (!_queued && !_closed && (IsBusy(Leg.Client) || IsBusy(Leg.Relay)))
        {
            _queued = true;
            _loop.EnqueueBehind(this);
        }
    }

    private bool IsBusy(Leg leg) => MayRead(leg) || (LegOf(leg).IsConnected && LegOf(leg).Has(LegState.Suspect));

    /// <summary>After every call: the session's last call when nothing is left, another turn when something is.</summary>
    private void Settle()
    {
        if (_closed)
        {
            return;
        }

        if (_client.IsOpen || _relay.IsOpen || _dialWanted)
        {
            EnqueueIfBusy();
            return;
        }

        _closed = true;
        _loop.Forget(this);
        try
        {
            _handler.Closed();
        }
        catch (Exception thrown)
        {
            _loop.Report(this, thrown);
        }
    }

    private void Abandon(Exception thrown)
    {
        _loop.Report(this, thrown);
        GiveUpDial();
        _client.Reset();
        _relay.Reset();
    }
}
