using SmtpProxy.Transport.Epoll.Native;

namespace SmtpProxy.Transport.Epoll;

/// <content>What the loop tells the pair, and how it becomes calls of the session. Each entry point catches what the session throws and
/// ends in <see cref="Settle"/>, which also sees to what the session's requests left to be done.</content>
internal sealed partial class EpollPair
{
    /// <summary>Reads of one leg in one turn; a pair with more waits until the others had theirs.</summary>
    private const int ReadsPerTurn = 4;

    /// <summary>Begins the session on an accepted socket.</summary>
    /// <returns>0, or an <see cref="Errno"/>; then the socket is closed and the session was not told anything.</returns>
    internal int Begin(int socket)
    {
        int errno = Register(ref _client, Leg.Client, socket, LegState.None);
        if (errno == 0)
        {
            try
            {
                _handler.Accepted(this);
            }
            catch (Exception thrown)
            {
                Abandon(thrown);
            }

            Settle();
        }

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

    /// <summary>Tells the session of deadlines that have passed.</summary>
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

    /// <summary>The inbound direction of a leg ended by FIN, unless the connection is known to be broken.</summary>
    internal void EndOf(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        if (leg.Has(LegState.WriteFailed))
        {
            BreakOf(which);
            return;
        }

        leg.State = (leg.State | LegState.Ended) & ~LegState.Readable;
        leg.SpliceLeft = 0;
        if (leg.Has(LegState.ShutDone))
        {
            leg.Close();
        }
        else if (leg.Has(LegState.Broken))
        {
            // A reset came behind the FIN. The kernel shows only the FIN to readers.
            leg.State |= LegState.Suspect;
        }

        _handler.Ended(which, EndKind.Fin);
    }

    /// <summary>A leg is gone.</summary>
    internal void BreakOf(Leg which)
    {
        LegOf(which).Close();
        _handler.Ended(which, EndKind.Reset);
    }

    /// <summary>Connects as the session asked for: not before the client was looked at, because one that has reset its connection already
    /// would cost the relay a connection for nothing.</summary>
    private void BeginDial()
    {
        if (!_dialWanted)
        {
            return;
        }

        _dialWanted = false;
        int errno = Dialler.Begin(_dialling.Address, out int socket);
        if (socket >= 0)
        {
            errno = Register(ref _relay, Leg.Relay, socket, LegState.Connecting | (errno == 0 ? LegState.Writable : LegState.None));
        }

        if (errno != 0)
        {
            DialFailed(errno);
        }
        else
        {
            FinishDial();
        }
    }

    private void FinishDial()
    {
        if (!_relay.IsOpen || !_relay.Has(LegState.Connecting) || !_relay.Has(LegState.Writable | LegState.HungUp))
        {
            return;
        }

        int errno = _relay.Has(LegState.HungUp) ? Dialler.PendingError(_relay.Socket) : 0;
        if (errno is Errno.ConnectionReset or Errno.BrokenPipe)
        {
            // It was established before it broke, and what the relay said first may still be there.
            _relay.State |= LegState.WriteFailed | LegState.Broken | LegState.Suspect;
        }
        else if (errno != 0)
        {
            DialFailed(errno);
            return;
        }

        _timers[PairTimers.Dial] = PairTimers.Never;
        _relay.State &= ~LegState.Connecting;
        _handler.Dialled(new DialResult(DialOutcome.Connected, SocketName.Local(_relay.Socket), _dialling.Address, null));
    }

    private void DialFailed(int errno)
    {
        GiveUpDial();
        _relay.Close();
        _handler.Dialled(Dialler.Failure(errno));
    }

    private void Flush(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        if (leg.Unsent == 0 || !leg.Has(LegState.Writable))
        {
            return;
        }

        leg.Flush();
        _loop.Splicer.Release(ref leg);
        if (leg.Unsent == 0 && !leg.Has(LegState.WriteFailed))
        {
            _handler.Drained(which);
        }
    }

    private void Read(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        if (leg.IsConnected && leg.Has(LegState.Suspect))
        {
            Examine(which, ref leg);
        }

        uint generation = leg.Generation;
        for (int reads = 0; reads < ReadsPerTurn && leg.Generation == generation && MayRead(which); reads++)
        {
            if (leg.SpliceLeft > 0)
            {
                _loop.Splicer.Move(this, which);
            }
            else
            {
                Receive(which, ref leg);
            }
        }
    }

    private unsafe void Receive(Leg which, ref EpollLeg leg)
    {
        int capacity = _loop.Buffer.Length;
        int count = leg.Receive(_loop.Buffer.Pointer, capacity);
        _loop.TakeTime();
        if (count > 0)
        {
            if (count < capacity && !leg.Has(LegState.HungUp))
            {
                // Edge-triggered: less than asked for is all there was, and more will be a new edge.
                leg.State &= ~LegState.Readable;
            }

            _handler.Received(which, new ReadOnlySpan<byte>(_loop.Buffer.Pointer, count));
            return;
        }

        Conclude(which, ref leg, count);
    }

    /// <summary>Acts on a read that brought nothing: 0 for the end of the stream, below 0 an <see cref="Errno"/> with its sign changed.</summary>
    internal void Conclude(Leg which, ref EpollLeg leg, int answer)
    {
        if (answer == 0)
        {
            EndOf(which);
        }
        else if (answer != -Errno.WouldBlock)
        {
            BreakOf(which);
        }
        else if (leg.Has(LegState.WriteFailed))
        {
            // It refused octets and yet lives, out of memory for example; the session is promised that it is gone.
            leg.Reset();
            BreakOf(which);
        }
        else
        {
            leg.State &= ~(LegState.Readable | LegState.HungUp);
        }
    }

    /// <summary>The kernel reported an error on a leg that nobody reads from: is it gone? One with octets is kept until they were read.</summary>
    private void Examine(Leg which, ref EpollLeg leg)
    {
        leg.State &= ~LegState.Suspect;
        if (leg.Has(LegState.Ended))
        {
            BreakOf(which);
        }
        else if (!MayRead(which) && leg.IsBroken())
        {
            BreakOf(which);
        }
    }

    /// <summary>Whether a read makes sense: the kernel may have something, the session wants it, and a splice before it is through.</summary>
    private bool MayRead(Leg which)
    {
        ref EpollLeg leg = ref LegOf(which);
        const LegState Relevant = LegState.Readable | LegState.Connecting | LegState.Paused | LegState.Ended;
        if (!leg.IsOpen || (leg.State & Relevant) != LegState.Readable)
        {
            return false;
        }

        ref EpollLeg other = ref LegOf(which == Leg.Client ? Leg.Relay : Leg.Client);
        return leg.SpliceLeft > 0 ? other.Unsent == 0 : other.Pipe is null;
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
        if (IsBusy(Leg.Client) || IsBusy(Leg.Relay))
        {
            Enqueue();
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
