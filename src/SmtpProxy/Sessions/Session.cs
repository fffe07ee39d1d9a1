using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>
/// The client's end of a session: what to do with octets, ends and timers. Each direction ends by itself, and the relay is dialled before
/// the client has said a word (laws 1 to 4). What is between it and the relay it does not know.
/// </summary>
internal sealed class Session : ClientEnd
{
    /// <summary>From so many octets on that nobody has to look at it pays to let the kernel move them. CPU of a message in one BDAT chunk,
    /// always shown and spliced (epoll, loopback, median of 7 rounds): 48 KiB 34 and 40 µs, 64 KiB 48 and 52, 96 KiB 51 and 49, 128
    /// KiB 73 and 64, 256 KiB 92 and 69,
    /// 1 MiB 442 and 308.</summary>
    private const long SpliceFrom = 64 * 1024;

    private readonly SessionHost _host;
    private readonly SessionContext _context;
    private readonly RelayRoute _route;
    private readonly DialogueTracker _seen;
    private readonly FirstLine _firstLine;
    private readonly Direction _fromClient = new(Leg.Client);
    private readonly Direction _fromRelay = new(Leg.Relay);
    private Ports _ports = null!;
    private Deadlines _deadlines = null!;
    private RelayConnection _relay = null!;
    private SessionTermination _termination = null!;

    public Session(SessionHost host, RelayRoute route, SessionContext context)
    {
        (_host, _route, _context, _seen) = (host, route, context, context.Dialogue);
        context.FirstLine = _firstLine = new FirstLine(_route);
    }

    public override bool IsAtRest => _seen.IsAtRest && _seen.Greeted && !_termination.HasBegun;

    public override bool HasFailed =>
        _termination.ByItself is SessionOutcome.RelayGone or SessionOutcome.Timeout or SessionOutcome.ConnectFailed;

    /// <summary>Nothing passed either way: a relay may be exchanged without anybody noticing.</summary>
    private bool IsUntouched =>
        _fromRelay is { Used: false, EndedBy: null } && _fromClient is { Used: false, EndedBy: null } && !_termination.HasBegun;

    /// <summary>Asks the session to end gracefully; from any thread.</summary>
    public void Drain() => _context.Pair.Signal((int)SessionSignal.Drain);

    /// <summary>Rules of faults changed; from any thread.</summary>
    public void FaultsChanged() => _context.Pair.Signal((int)SessionSignal.LookAtFaults);

    public override bool IsBlocked(Leg to) => Of(to.Other()).Blocked;

    public override void Begin()
    {
        _ports = new Ports(_context.Client, Outward);
        _deadlines = new Deadlines(_context, _ports);
        _relay = new RelayConnection(_context, _ports, _route, _firstLine, _host);
        _termination = new SessionTermination(_context, _ports, _relay);
        _seen.Accepted(_context.ClientAddress, _context.LocalAddress, _context.Arrived, _context.Now);
        if (!_host.Keep(this, _context.Pair))
        {
            _termination.Begin(LocalReply.Stopping, SessionOutcome.Shutdown);
            return;
        }

        // Until there is somewhere to put them, the client's octets wait in the kernel.
        _context.Flow.Set(Leg.Client, PauseReason.NoPeer, stands: true);
        if (!_relay.DialNext())
        {
            PartUnserved();
        }
    }

    public override void Dialled(in DialNote dial)
    {
        if (!_relay.Dialled(dial))
        {
            PartUnserved();
        }
        else if (_relay.IsConnected)
        {
            _context.Flow.Set(Leg.Client, PauseReason.NoPeer, stands: false);
            _deadlines.AwaitGreeting();
        }
    }

    public override void FromClient(ReadOnlySpan<byte> octets) => Received(Leg.Client, octets, Origin.Relay);

    public override void FromRelay(ReadOnlySpan<byte> octets, Origin origin) => Received(Leg.Relay, octets, origin);

    public override void FeedHidden(ReadOnlySpan<byte> octets, Origin origin)
    {
        if (!_termination.HasBegun)
        {
            _fromRelay.Used = true;
            Passed(_fromRelay, octets, origin);
        }
    }

    /// <summary>The dialogue went on by what had waited.</summary>
    public void DialogueWentOn()
    {
        if (!_termination.HasBegun)
        {
            _seen.GoOn(_context.Clock());
            Progressed(Leg.Client, 0);
        }
    }

    public override void Spliced(Leg from, long octets)
    {
        if (!_termination.HasBegun)
        {
            _seen.Spliced(from, octets, _context.Arrived, _context.Now);
            Progressed(from, octets);
        }
    }

    public override void Drained(Leg to)
    {
        var direction = Of(to.Other());
        if (_termination.HasBegun || !direction.Blocked)
        {
            return;
        }

        direction.Blocked = false;
        if (direction.EndedBy == EndKind.Reset)
        {
            _ports.Reset(to);
            return;
        }

        _seen.Unblocked(_context.Clock());
        _deadlines.Unblocked(to);
        _context.Flow.Set(direction.From, PauseReason.Unsent, stands: false);
    }

    public override bool Secured(in TlsHandshake handshake)
    {
        if (handshake is { Leg: Leg.Client, Succeeded: true })
        {
            _seen.Secured(_context.Now);
            _deadlines.After(Leg.Client);
        }

        return true;
    }

    public override void RelayEnded(EndKind how) => Ended(Leg.Relay, how);

    public override void ClientEnded(EndKind how) => Ended(Leg.Client, how);

    public override bool TimedOut(PairTimer timer)
    {
        switch (timer)
        {
            case PairTimer.Session:
                _termination.TimedOut();
                break;
            case PairTimer.Receipt:
                _context.Client.ShutNow();
                break;
            case PairTimer.ClientWrite:
                WriteTimedOut(_fromRelay);
                break;
            case PairTimer.RelayWrite:
            // Octets in a splice: it is the relay that does not take them, not the client that is silent.
            case PairTimer.ClientRead when _ports.Unsent(Leg.Relay) > 0:
                WriteTimedOut(_fromClient);
                break;
            case PairTimer.RelayRead when IsUntouched && _relay.FailOver("the relay sent no greeting in time"):
                break;
            case PairTimer.RelayRead:
                TimeOut(_seen.Greeted ? "reply_timeout" : "greeting_timeout", LocalReply.RelaySilent);
                break;
            default:
                TimeOut(_deadlines.ClientLimit, LocalReply.ClientSilent);
                break;
        }

        return true;
    }

    public override void Signalled(SessionSignal signal) => _termination.Obey(signal, _host.DrainDeadline);

    /// <summary>Both connections are closed.</summary>
    public void Closed()
    {
        _seen.Finish();
        _seen.Over(_termination.Outcome, _context.Now);
        _route.Release();
        _host.Remove(_context.Pair);
    }

    private Direction Of(Leg from) => from == Leg.Client ? _fromClient : _fromRelay;

    private void Received(Leg from, ReadOnlySpan<byte> octets, Origin origin)
    {
        if (!_termination.HasBegun)
        {
            Pass(Of(from), octets, origin);
        }
    }

    private void Ended(Leg from, EndKind how)
    {
        if (_termination.HasBegun || (from == Leg.Relay && IsUntouched && !_context.IsEndedByFault
            && _relay.FailOver("the relay closed the connection before its greeting")))
        {
            return;
        }

        _context.Relay.ReleaseFirst();
        var direction = Of(from);
        direction.EndedBy = how;
        _termination.FirstToEnd ??= from;
        _seen.Ended(from, how, _context.Arrived, _context.Now);
        if (how == EndKind.Fin)
        {
            _ports.Shut(direction.To);
            _termination.RenewHalfClosed();
        }
        else if (!direction.Blocked)
        {
            _ports.Reset(direction.To);
        }
    }

    private void Pass(Direction direction, ReadOnlySpan<byte> octets, Origin origin)
    {
        direction.Used = true;
        if (direction.From == Leg.Client ? !_seen.IsClientRead : !_seen.IsRelayRead)
        {
            _ports.Send(direction.To, octets);
            Passed(direction, octets, origin);
            return;
        }

        // Whoever reads the dialogue does that on the way; what the relay says has been read already.
        if (direction.From == Leg.Client)
        {
            _seen.Begin(Leg.Client, octets, _context.Arrived);
        }

        _ports.Send(direction.To, octets);
        var isBlocked = _ports.Unsent(direction.To) > 0;
        _seen.Settle(isBlocked ? direction.To : null, _context.Clock());
        Went(direction, octets.Length, isBlocked);
    }

    private void Passed(Direction direction, ReadOnlySpan<byte> octets, Origin origin)
    {
        var isBlocked = _ports.Unsent(direction.To) > 0;
        _seen.Passed(direction.From, octets, origin, _context.Arrived, _context.Clock(), isBlocked ? direction.To : null);
        Went(direction, octets.Length, isBlocked);
    }

    private void Went(Direction direction, int octets, bool isBlocked)
    {
        if (isBlocked)
        {
            _deadlines.Block(direction);
        }

        Progressed(direction.From, octets);
        if (!isBlocked && !_termination.HasBegun && _seen.Unexamined(direction.From) is var unexamined and >= SpliceFrom)
        {
            _ports.Splice(direction.From, unexamined);
        }
    }

    private void Progressed(Leg from, long octets)
    {
        if (_seen.Greeted)
        {
            _route.Greeted(!_seen.GreetingRefused);
        }

        if (!_fromClient.Blocked && !_fromRelay.Blocked)
        {
            _deadlines.After(from, octets);
        }

        _termination.RenewHalfClosed();
        _termination.BeginIfAtRest();
    }

    private void WriteTimedOut(Direction direction)
    {
        if (_deadlines.StillMoves(direction))
        {
            return;
        }

        if (direction.To == Leg.Client)
        {
            _host.Telemetry.LimitHit("write_timeout");
            _termination.Cut(SessionOutcome.Timeout);
            return;
        }

        TimeOut("write_timeout", LocalReply.RelaySilent);
        _ports.Reset(Leg.Relay);
    }

    private void TimeOut(string limit, byte[] reply)
    {
        _host.Telemetry.LimitHit(limit);
        _termination.Begin(reply, SessionOutcome.Timeout);
    }

    private void PartUnserved() => _termination.Begin(LocalReply.RelayUnreachable(_route.Cause), SessionOutcome.ConnectFailed);
}
