using System.Net;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.Security;

/// <summary>
/// Stands between a pair and its handler, and encrypts: to the handler it is a pair whose octets are plain, to the pair it is the handler.
/// A leg is plain until <see cref="Secure"/>, or encrypted from its first octet. All work is done on the pair's loop, inside the calls that
/// bring octets, and nobody waits for a peer. Knows no SMTP.
/// </summary>
internal sealed class TlsPair : IPair, IPairHandler
{
    private readonly IPairHandler _handler;
    private readonly TlsWire _wire = new();
    private readonly SecuredLeg _client;
    private readonly SecuredLeg _relay;

    /// <summary>Creates it.</summary>
    /// <param name="handler">Who talks in the clear.</param>
    public TlsPair(IPairHandler handler)
    {
        _handler = handler;
        _client = new SecuredLeg(Leg.Client, _wire, handler);
        _relay = new SecuredLeg(Leg.Relay, _wire, handler);
    }

    public long Id => _wire.Pair.Id;

    public EndPoint Client => _wire.Pair.Client;

    public EndPoint Local => _wire.Pair.Local;

    public long Now => _wire.Pair.Now;

    public long Arrived => _wire.Pair.Arrived;

    public long Clock() => _wire.Pair.Clock();

    public void Dial(in DialTarget target)
    {
        _relay.Renew();
        _wire.Pair.Dial(target);
    }

    public void Secure(Leg leg, TlsShake shake, TimeSpan patience) => LegOf(leg).Secure(shake, patience);

    public void Send(Leg to, ReadOnlySpan<byte> octets) => LegOf(to).Send(octets);

    public int Unsent(Leg to) => LegOf(to).Unsent;

    public bool? IsConfirmed(Leg to) => Unsent(to) > 0 ? null : _wire.Pair.IsConfirmed(to);

    public void Shut(Leg leg) => LegOf(leg).Shut();

    public void Reset(Leg leg) => LegOf(leg).Reset();

    public void Close(Leg leg)
    {
        var closed = LegOf(leg);
        if (closed.Unsent > 0)
        {
            closed.Reset();
        }
        else
        {
            closed.Forget("The connection was closed.");
            _wire.Pair.Close(leg);
        }
    }

    public void Pause(Leg from) => LegOf(from).Pause();

    public void Resume(Leg from) => LegOf(from).Resume();

    public void SetTimer(PairTimer timer, TimeSpan after) => _wire.Pair.SetTimer(timer, after);

    public void CancelTimer(PairTimer timer) => _wire.Pair.CancelTimer(timer);

    public void Splice(Leg from, long octets)
    {
        // What is encrypted on either leg has to pass by here.
        if (_client.IsPlain && _relay.IsPlain)
        {
            _wire.Pair.Splice(from, octets);
        }
    }

    public void Signal(int what) => _wire.Pair.Signal(what);

    void IPairHandler.Accepted(IPair pair)
    {
        _wire.Pair = pair;
        _wire.Enter();
        _handler.Accepted(this);
        Leave();
    }

    void IPairHandler.Dialled(in DialResult result)
    {
        _wire.Enter();
        _handler.Dialled(result);
        Leave();
    }

    void IPairHandler.Received(Leg from, ReadOnlySpan<byte> octets)
    {
        _wire.Enter();
        var leg = LegOf(from);
        leg.Received(octets);
        Leave();
        leg.Settle();
    }

    void IPairHandler.Spliced(Leg from, long octets)
    {
        _wire.Enter();
        _handler.Spliced(from, octets);
        Leave();
    }

    void IPairHandler.Ended(Leg from, EndKind how)
    {
        _wire.Enter();
        LegOf(from).Ended(how);
        Leave();
    }

    void IPairHandler.Drained(Leg to)
    {
        _wire.Enter();
        LegOf(to).Drained();
        Leave();
    }

    void IPairHandler.TimedOut(PairTimer timer)
    {
        _wire.Enter();
        if (!_client.TimedOut(timer) && !_relay.TimedOut(timer))
        {
            _handler.TimedOut(timer);
        }

        Leave();
    }

    void IPairHandler.Signalled(int what)
    {
        _wire.Enter();
        if (what == TlsWire.Progress)
        {
            _wire.Flush(Leg.Client);
            _wire.Flush(Leg.Relay);
        }
        else
        {
            _handler.Signalled(what);
        }

        Leave();
    }

    void IPairHandler.Closed()
    {
        _wire.Enter();
        _client.Forget("The connection is closed.");
        _relay.Forget("The connection is closed.");
        _handler.Closed();
        _wire.Leave();
    }

    private SecuredLeg LegOf(Leg leg) => leg == Leg.Client ? _client : _relay;

    /// <summary>After each event: what it brought is taken on as far as it goes.</summary>
    private void Leave()
    {
        do
        {
            // The client's octets first: they were sent before it could see what the relay's say.
            _client.Advance();
            _relay.Advance();
        }
        while (_client.IsDue || _relay.IsDue);

        _wire.Leave();
    }
}
