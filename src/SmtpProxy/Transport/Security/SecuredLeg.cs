using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Security;

/// <summary>One leg of a pair that can encrypt: what its handler asks for and what it reports, in plain octets. Plain until
/// <see cref="Secure"/>.</summary>
/// <param name="leg">Which.</param>
/// <param name="wire">The connection.</param>
/// <param name="handler">Who talks in the clear.</param>
#pragma warning disable CA1001 // Forget closes its encryption: at the end of the leg, or of the pair.
internal sealed class SecuredLeg(Leg leg, TlsWire wire, IPairHandler handler)
#pragma warning restore CA1001
{
    /// <summary>How long a peer may take to close after the alert that ends a handshake, before its connection is reset.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private TlsLeg? _tls;
    private bool _isPaused;
    private bool _isFull;
    private bool _isGone;
    private bool _hasEnded;

    /// <summary>Nothing on it is encrypted.</summary>
    public bool IsPlain => _tls is null;

    /// <summary>There may be something to do that no event of the connection will tell of.</summary>
    public bool IsDue { get; private set; }

    /// <summary>Octets that have not gone: to the kernel, or into the encryption.</summary>
    public int Unsent => _isGone ? 0 : wire.Pair.Unsent(leg) + (_tls?.Waiting ?? 0);

    private PairTimer Timer => leg == Leg.Client ? PairTimer.ClientHandshake : PairTimer.RelayHandshake;

    // What the handler asks for.

    /// <summary>Another relay is dialled: what the one before it did is not this one's doing.</summary>
    public void Renew() => _hasEnded = false;

    /// <summary>Begins to encrypt.</summary>
    public void Secure(TlsShake shake, TimeSpan patience)
    {
        _tls = new TlsLeg(leg, octets => wire.Send(leg, octets), wire.Progressed);
        wire.Pair.SetTimer(Timer, patience);
        // Whoever wants no octets wants a handshake all the same.
        wire.Pair.Resume(leg);
        _tls.Begin(shake, wire.Pair.Clock());
        if (_hasEnded)
        {
            // Its FIN came before the handshake was due. Nobody else will tell the handshake that nothing more comes.
            _tls.End();
        }

        IsDue = true;
    }

    /// <summary>Plain octets for the peer.</summary>
    public void Send(ReadOnlySpan<byte> octets)
    {
        if (_tls is { } tls)
        {
            tls.Send(octets);
            IsDue |= tls.State == TlsLegState.Broken;
        }
        else if (!_isGone)
        {
            wire.Pair.Send(leg, octets);
        }
    }

    /// <summary>No more goes to the peer.</summary>
    public void Shut()
    {
        if (_isGone)
        {
            return;
        }

        _tls?.Shut();
        // In a handshake it comes after that, with what waits for it.
        if (_tls is not { State: TlsLegState.Shaking })
        {
            wire.Pair.Shut(leg);
        }
    }

    /// <summary>RST now.</summary>
    public void Reset()
    {
        Forget("The connection was reset.");
        wire.Pair.Reset(leg);
    }

    /// <summary>No octets are wanted.</summary>
    public void Pause()
    {
        _isPaused = true;
        if (!_isGone && _tls is not { State: TlsLegState.Shaking })
        {
            wire.Pair.Pause(leg);
        }
    }

    /// <summary>Octets are wanted again.</summary>
    public void Resume()
    {
        _isPaused = false;
        if (!_isFull)
        {
            wire.Pair.Resume(leg);
        }

        // Plain octets may be here already, of which the connection knows nothing.
        IsDue |= _tls is not null;
    }

    // What the connection tells.

    /// <summary>Octets of the peer, as they came.</summary>
    public void Received(ReadOnlySpan<byte> octets)
    {
        if (_tls is { } tls)
        {
            tls.Feed(octets);
        }
        else if (!_isGone)
        {
            handler.Received(leg, octets);
        }
    }

    /// <summary>The peer's direction of the connection ended.</summary>
    public void Ended(EndKind how)
    {
        if (_tls is not { } tls)
        {
            _hasEnded = true;
            if (!_isGone)
            {
                handler.Ended(leg, how);
            }
        }
        else if (how == EndKind.Fin)
        {
            tls.End();
        }
        else if (tls.State == TlsLegState.Shaking)
        {
            tls.Close("The peer reset the connection.");
            Finish(tls);
        }
        else
        {
            Forget("The peer reset the connection.");
            handler.Ended(leg, EndKind.Reset);
        }
    }

    /// <summary>The kernel has all that was sent.</summary>
    public void Drained()
    {
        if (!_isGone && _tls is not { Waiting: > 0 })
        {
            handler.Drained(leg);
        }
    }

    /// <summary>A timer ran out.</summary>
    /// <returns>It was this leg's own.</returns>
    public bool TimedOut(PairTimer timer)
    {
        if (timer != Timer)
        {
            return false;
        }

        if (_isGone)
        {
            wire.Pair.Reset(leg);
            return true;
        }

        if (_tls is not { State: TlsLegState.Shaking } tls)
        {
            return false;
        }

        tls.Close("The handshake took too long.", new TimeoutException());
        Finish(tls);
        return true;
    }

    /// <summary>After each event: tells what was decrypted, and whether the handshake is over.</summary>
    public void Advance()
    {
        IsDue = false;
        if (_tls is not { } tls)
        {
            return;
        }

        if (tls.TryFinish())
        {
            Finish(tls);
        }

        while (_tls == tls && !_isPaused && !tls.HasEnded && tls.TryRead(out var octets))
        {
            if (octets.IsEmpty)
            {
                tls.HasEnded = true;
                handler.Ended(leg, EndKind.Fin);
            }
            else
            {
                handler.Received(leg, octets);
            }
        }

        tls.Rest();
        PauseIfFull(tls);
        if (_tls == tls && tls.State == TlsLegState.Broken)
        {
            // It cannot be decrypted, or written to.
            Forget("TLS is broken.");
            wire.Pair.Reset(leg);
            handler.Ended(leg, EndKind.Reset);
        }
    }

    /// <summary>At the end of an event that brought octets.</summary>
    public void Settle() => _tls?.Settle();

    /// <summary>The leg is gone, and its encryption with it.</summary>
    public void Forget(string why)
    {
        if (_tls is { } tls)
        {
            _tls = null;
            wire.Pair.CancelTimer(Timer);
            tls.Close(why);
        }
    }

    /// <summary>What cannot be decrypted yet, because somebody else has to do something first, stays with the peer.</summary>
    private void PauseIfFull(TlsLeg tls)
    {
        var wasFull = _isFull;
        _isFull = _tls == tls && tls.IsFull;
        if (_isFull)
        {
            wire.Pair.Pause(leg);
        }
        else if (wasFull && (!_isPaused || tls.State == TlsLegState.Shaking))
        {
            wire.Pair.Resume(leg);
        }
    }

    /// <summary>The handshake is over.</summary>
    private void Finish(TlsLeg tls)
    {
        var handshake = tls.Result(wire.Pair.Clock());
        wire.Pair.CancelTimer(Timer);
        if (!handshake.Succeeded)
        {
            Forget("The handshake failed.");
            Fail(handshake);
            return;
        }

        handler.Secured(handshake);
        if (_tls == tls)
        {
            Open(tls);
        }
    }

    /// <summary>What waited for the handshake goes on.</summary>
    private void Open(TlsLeg tls)
    {
        var waited = tls.Waiting > 0;
        tls.Flush();
        if (tls.IsShut)
        {
            wire.Pair.Shut(leg);
        }

        if (_isPaused)
        {
            wire.Pair.Pause(leg);
        }

        if (waited && Unsent == 0)
        {
            handler.Drained(leg);
        }
    }

    private void Fail(TlsHandshake handshake)
    {
        if (leg == Leg.Relay)
        {
            wire.Pair.Reset(leg);
            handler.Secured(handshake);
            return;
        }

        _isGone = true;
        handler.Secured(handshake);
        // What was sent of an alert shall arrive: it tells the client's side what is wrong.
        wire.Pair.Shut(leg);
        wire.Pair.Resume(leg);
        wire.Pair.SetTimer(Timer, Linger);
        handler.Ended(leg, EndKind.Reset);
    }
}
