using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Security;

/// <content>What the pair below tells, and what of it the handler hears.</content>
internal sealed partial class TlsPair
{
    private bool _again;

    public override void Accepted(IPair pair)
    {
        Keep(pair);
        Enter();
        Handler.Accepted(this);
        Leave();
    }

    public override void Dialled(in DialResult result)
    {
        Enter();
        Handler.Dialled(result);
        Leave();
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        Enter();
        if (_legs[(int)from] is { } tls)
        {
            tls.Feed(octets);
        }
        else if (!_isGone[(int)from])
        {
            Handler.Received(from, octets);
        }

        Leave();
    }

    public override void Ended(Leg from, EndKind how)
    {
        Enter();
        if (_legs[(int)from] is not { } tls)
        {
            if (!_isGone[(int)from])
            {
                Handler.Ended(from, how);
            }
        }
        else if (how == EndKind.Fin)
        {
            tls.End();
        }
        else if (tls.State == TlsLegState.Shaking)
        {
            tls.Close("The peer reset the connection.");
            Finished(tls);
        }
        else
        {
            Forget(from, "The peer reset the connection.");
            Handler.Ended(from, EndKind.Reset);
        }

        Leave();
    }

    public override void Drained(Leg to)
    {
        Enter();
        if (!_isGone[(int)to] && _legs[(int)to] is not { Waiting: > 0 })
        {
            Handler.Drained(to);
        }

        Leave();
    }

    public override void TimedOut(PairTimer timer)
    {
        Enter();
        if (timer == PairTimer.ClientHandshake && _isGone[(int)Leg.Client])
        {
            Pair.Reset(Leg.Client);
        }
        else if (timer is PairTimer.ClientHandshake or PairTimer.RelayHandshake
            && _legs[timer == PairTimer.ClientHandshake ? 0 : 1] is { State: TlsLegState.Shaking } tls)
        {
            tls.Close("The handshake took too long.", new TimeoutException());
            Finished(tls);
        }
        else
        {
            Handler.TimedOut(timer);
        }

        Leave();
    }

    public override void Signalled(int what)
    {
        Enter();
        if (what == (int)TransportSignal.EncryptionProgressed)
        {
            SendStrays();
        }
        else
        {
            Handler.Signalled(what);
        }

        Leave();
    }

    public override void Closed()
    {
        Enter();
        Forget(Leg.Client, "The connection is closed.");
        Forget(Leg.Relay, "The connection is closed.");
        Handler.Closed();
        Volatile.Write(ref _thread, 0);
    }

    private void Enter() => Volatile.Write(ref _thread, Environment.CurrentManagedThreadId);

    /// <summary>Behind every event: what it brought is taken on as far as it goes.</summary>
    private void Leave()
    {
        do
        {
            _again = false;
            // The client's octets first: they were sent before it could see what the relay's say.
            Advance(Leg.Client);
            Advance(Leg.Relay);
        }
        while (_again);

        Volatile.Write(ref _thread, 0);
    }

    private void Advance(Leg which)
    {
        if (_legs[(int)which] is not { } tls)
        {
            return;
        }

        if (tls.TryFinish())
        {
            Finished(tls);
        }

        while (_legs[(int)which] == tls && !_paused[(int)which] && !tls.HasEnded && tls.TryRead(out var octets))
        {
            if (octets.IsEmpty)
            {
                tls.HasEnded = true;
                Handler.Ended(which, EndKind.Fin);
            }
            else
            {
                Handler.Received(which, octets);
            }
        }

        tls.Rest();
        PauseIfFull(which, tls);
        if (_legs[(int)which] == tls && tls.State == TlsLegState.Broken)
        {
            // It cannot be decrypted, or written to.
            Forget(which, "TLS is broken.");
            Pair.Reset(which);
            Handler.Ended(which, EndKind.Reset);
        }
    }

    /// <summary>What cannot be decrypted yet, because somebody else has to do something first, stays with the peer.</summary>
    private void PauseIfFull(Leg which, TlsLeg tls)
    {
        var (wasFull, isFull) = (_isFull[(int)which], _legs[(int)which] == tls && tls.IsFull);
        _isFull[(int)which] = isFull;
        if (isFull)
        {
            Pair.Pause(which);
        }
        else if (wasFull && (!_paused[(int)which] || tls.State == TlsLegState.Shaking))
        {
            Pair.Resume(which);
        }
    }

    private void Finished(TlsLeg tls)
    {
        var handshake = tls.Result(Pair.Clock());
        Pair.CancelTimer(TimerOf(tls.Leg));
        if (!handshake.Succeeded)
        {
            Forget(tls.Leg, "The handshake failed.");
            Failed(handshake);
            return;
        }

        Handler.Secured(handshake);
        if (_legs[(int)tls.Leg] == tls)
        {
            Opened(tls);
        }
    }

    /// <summary>What waited for the handshake goes on.</summary>
    private void Opened(TlsLeg tls)
    {
        var waited = tls.Waiting > 0;
        tls.Flush();
        if (tls.IsShut)
        {
            base.Shut(tls.Leg);
        }

        if (_paused[(int)tls.Leg])
        {
            Pair.Pause(tls.Leg);
        }

        if (waited && Unsent(tls.Leg) == 0)
        {
            Handler.Drained(tls.Leg);
        }
    }

    private void Failed(TlsHandshake handshake)
    {
        if (handshake.Leg == Leg.Relay)
        {
            Pair.Reset(Leg.Relay);
            Handler.Secured(handshake);
            return;
        }

        _isGone[(int)Leg.Client] = true;
        Handler.Secured(handshake);
        // What was sent of an alert shall arrive: it tells the client's side what is wrong.
        Pair.Shut(Leg.Client);
        Pair.Resume(Leg.Client);
        Pair.SetTimer(PairTimer.ClientHandshake, Linger);
        Handler.Ended(Leg.Client, EndKind.Reset);
    }

    private void SendStrays()
    {
        foreach (var leg in (ReadOnlySpan<Leg>)[Leg.Client, Leg.Relay])
        {
            if (_strays.Take(leg) is { Length: > 0 } octets)
            {
                Pair.Send(leg, octets);
            }
        }
    }
}
