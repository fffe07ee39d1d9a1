using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Security;

/// <summary>
/// Encrypts the legs of a pair: to whoever stands above it is a pair whose octets are plain, to the pair below a session. A leg is plain until
/// <see cref="Secure"/>, or encrypted from its first octet. All work is done on the pair's loop, inside the calls that bring octets, and nobody waits
/// for a peer. Knows no SMTP.
/// </summary>
internal sealed partial class TlsPair : PassingPair
{
    /// <summary>How long a peer may take to close behind our last words before the connection is reset.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly TlsLeg?[] _legs = new TlsLeg?[2];
    private readonly bool[] _paused = new bool[2];
    private readonly bool[] _isGone = new bool[2];
    private readonly bool[] _isFull = new bool[2];
    private readonly IPairHandler _handler;
    private readonly StrayOctets _strays = new();
    private int _thread;

    /// <summary>Creates it.</summary>
    /// <param name="handler">Who talks in the clear.</param>
    public TlsPair(IPairHandler handler) => _handler = handler;

    protected override IPairHandler Handler => _handler;

    public override void Secure(Leg leg, TlsShake shake, TimeSpan patience)
    {
        var tls = new TlsLeg(leg, octets => Encrypted(leg, octets), Progressed);
        _legs[(int)leg] = tls;
        Pair.SetTimer(TimerOf(leg), patience);
        // Whoever wants no octets wants a handshake all the same.
        Pair.Resume(leg);
        tls.Begin(shake, Pair.Clock());
        _again = true;
    }

    public override void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        if (_legs[(int)to] is { } leg)
        {
            leg.Send(octets);
            _again |= leg.State == TlsLegState.Broken;
        }
        else if (!_isGone[(int)to])
        {
            base.Send(to, octets);
        }
    }

    public override int Unsent(Leg to) => _isGone[(int)to] ? 0 : base.Unsent(to) + (_legs[(int)to]?.Waiting ?? 0);

    public override void Shut(Leg leg)
    {
        if (_isGone[(int)leg])
        {
            return;
        }

        if (_legs[(int)leg] is { } tls)
        {
            tls.Shut();
            if (tls.State == TlsLegState.Shaking)
            {
                // Behind the handshake, with what waits for it.
                return;
            }
        }

        base.Shut(leg);
    }

    public override void Reset(Leg leg)
    {
        Forget(leg, "The connection was reset.");
        base.Reset(leg);
    }

    public override void Pause(Leg from)
    {
        _paused[(int)from] = true;
        if (!_isGone[(int)from] && _legs[(int)from] is not { State: TlsLegState.Shaking })
        {
            base.Pause(from);
        }
    }

    public override void Resume(Leg from)
    {
        _paused[(int)from] = false;
        if (!_isFull[(int)from])
        {
            base.Resume(from);
        }

        // Plain octets may be here already, of which the connection knows nothing.
        _again |= _legs[(int)from] is not null;
    }

    public override void Splice(Leg from, long octets)
    {
        // What is encrypted on either side has to pass by here.
        if (_legs is [null, null])
        {
            base.Splice(from, octets);
        }
    }

    private void Forget(Leg leg, string why)
    {
        if (_legs[(int)leg] is { } tls)
        {
            _legs[(int)leg] = null;
            Pair.CancelTimer(TimerOf(leg));
            tls.Close(why);
        }
    }

    private void Encrypted(Leg to, ReadOnlySpan<byte> octets)
    {
        if (Volatile.Read(ref _thread) == Environment.CurrentManagedThreadId)
        {
            Pair.Send(to, octets);
            return;
        }

        // Encryption that went on elsewhere: only the loop may write.
        _strays.Add(to, octets);
        Pair.Signal((int)TransportSignal.EncryptionProgressed);
    }

    /// <summary>From any thread.</summary>
    private void Progressed()
    {
        if (Volatile.Read(ref _thread) != Environment.CurrentManagedThreadId)
        {
            Pair.Signal((int)TransportSignal.EncryptionProgressed);
        }
    }

    private static PairTimer TimerOf(Leg leg) => leg == Leg.Client ? PairTimer.ClientHandshake : PairTimer.RelayHandshake;
}
