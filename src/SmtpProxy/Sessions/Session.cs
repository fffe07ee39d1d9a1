using SmtpProxy.Protocol;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Sessions;

/// <summary>
/// One session: what to do with octets, ends and timers. Octets are handed on before they are looked at, each direction ends by itself,
/// and the relay is dialled before the client has said a word (laws 1 to 4). Everything runs on the pair's loop.
/// </summary>
internal sealed class Session : IPairHandler
{
    /// <summary>From here on it pays to let the kernel move octets that nobody looks at.</summary>
    private const long SpliceFrom = 128 * 1024;

    private readonly SessionHost _host;
    private readonly Place _place;
    private readonly SessionLimits _limits;
    private readonly RelayRoute _route;
    private readonly Observation _seen;
    private readonly FirstLine _firstLine;
    private readonly Direction _fromClient = new(Leg.Client);
    private readonly Direction _fromRelay = new(Leg.Relay);
    private IPair _pair = null!;
    private Deadlines _deadlines = null!;
    private RelayConnection _relay = null!;
    private Parting _parting = null!;
    private bool _draining;

    public Session(SessionHost host, RelayRoute route, Place place, SessionTelemetry telemetry)
    {
        _host = host;
        _place = place;
        _limits = host.Limits;
        _route = route;
        _firstLine = new FirstLine(_route);
        _seen = new Observation(telemetry, host.ObserverFailed);
    }

    /// <summary>Between transactions, with nothing asked: another may begin to look at its dialogue here.</summary>
    public bool IsAtRest => _seen.IsAtRest && _seen.Greeted && !_parting.HasBegun;

    /// <summary>What its dialogue is.</summary>
    public DialogueProtocol Protocol => _seen.Protocol;

    /// <summary>How it ended; final when it is closed.</summary>
    public SessionOutcome Outcome => _parting.Outcome;

    /// <summary>Nothing passed either way: a relay may be exchanged without anybody noticing.</summary>
    private bool IsUntouched =>
        _fromRelay is { Used: false, EndedBy: null } && _fromClient is { Used: false, EndedBy: null } && !_parting.HasBegun;

    /// <summary>Asks the session to end gracefully; from any thread.</summary>
    public void Drain() => _pair.Signal((int)SessionAsk.Drain);

    /// <summary>Rules of faults changed; from any thread.</summary>
    public void FaultsChanged() => _pair.Signal((int)SessionAsk.LookAtFaults);

    void IPairHandler.Accepted(IPair pair)
    {
        _pair = pair;
        _deadlines = new Deadlines(pair, _limits, _seen);
        _parting = new Parting(pair, _seen);
        _relay = new RelayConnection(pair, _route, _seen, _firstLine, _host);
        _seen.Accepted(pair.Client, pair.Local, pair.Now);
        if (!_host.Keep(this, pair))
        {
            Part(LocalReply.Stopping, SessionOutcome.Shutdown);
            return;
        }

        // Until there is somewhere to put them, the client's octets wait in the kernel.
        pair.Pause(Leg.Client);
        if (!_relay.DialNext())
        {
            PartUnserved();
        }
    }

    void IPairHandler.Dialled(in DialResult result)
    {
        if (!_relay.Dialled(result))
        {
            PartUnserved();
        }
        else if (_relay.IsConnected)
        {
            _pair.Resume(Leg.Client);
            _deadlines.AwaitGreeting();
        }
    }

    void IPairHandler.Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (!_parting.HasBegun && _firstLine.Passes(from, octets, out var before))
        {
            PassKept(before);
            Pass(from, octets);
        }
    }

    void IPairHandler.Spliced(Leg from, long octets)
    {
        if (!_parting.HasBegun)
        {
            Of(from).Used = true;
            _seen.Spliced(from, octets, _pair.Now);
            Progressed(from, octets);
        }
    }

    void IPairHandler.Drained(Leg to)
    {
        var direction = Of(Other(to));
        if (_parting.HasBegun || !direction.Blocked)
        {
            return;
        }

        direction.Blocked = false;
        if (direction.EndedBy == EndKind.Reset)
        {
            _pair.Reset(to);
            return;
        }

        _seen.Unblocked(_pair.Clock());
        _deadlines.Unblocked(to);
        _pair.Resume(direction.From);
        PartIfAtRest();
    }

    void IPairHandler.Secured(in TlsHandshake handshake)
    {
        if (handshake is { Leg: Leg.Client, Succeeded: true })
        {
            _seen.Secured(_pair.Now);
            _deadlines.After(Leg.Client);
        }
    }

    void IPairHandler.Ended(Leg from, EndKind how)
    {
        if (_parting.HasBegun || (from == Leg.Relay && IsUntouched && _relay.FailOver("the relay closed the connection before its greeting")))
        {
            return;
        }

        PassKept(_firstLine.End());
        var direction = Of(from);
        direction.EndedBy = how;
        _parting.FirstToEnd ??= from;
        _seen.Ended(from, how, _pair.Now);
        if (how == EndKind.Fin)
        {
            _pair.Shut(direction.To);
            RenewHalfClosed();
        }
        else if (!direction.Blocked)
        {
            _pair.Reset(direction.To);
        }
    }

    void IPairHandler.TimedOut(PairTimer timer)
    {
        switch (timer)
        {
            case PairTimer.Session when _draining && !_parting.HasBegun && _seen.MaySpeak:
                Part(LocalReply.Stopping, SessionOutcome.Shutdown);
                break;
            case PairTimer.Session:
                _parting.Cut(_draining ? SessionOutcome.Shutdown : SessionOutcome.Timeout);
                break;
            case PairTimer.ClientWrite:
                WriteTimedOut(_fromRelay);
                break;
            case PairTimer.RelayWrite:
            // Octets in a splice: it is the relay that does not take them, not the client that is silent.
            case PairTimer.ClientRead when _pair.Unsent(Leg.Relay) > 0:
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
    }

    void IPairHandler.Signalled(int what)
    {
        if (_parting.Obey((SessionAsk)what, _relay.IsConnected) || _draining)
        {
            return;
        }

        _draining = true;
        _pair.SetTimer(PairTimer.Session, _host.DrainDeadline);
        if (_relay.IsConnected)
        {
            PartIfAtRest();
        }
        else
        {
            Part(LocalReply.Stopping, SessionOutcome.Shutdown);
        }
    }

    void IPairHandler.Closed()
    {
        _seen.Finish();
        _seen.Over(_parting.Outcome, _pair.Now);
        _route.Release();
        _place.Leave();
        _host.Remove(_pair);
    }

    private static Leg Other(Leg leg) => leg == Leg.Client ? Leg.Relay : Leg.Client;

    private Direction Of(Leg from) => from == Leg.Client ? _fromClient : _fromRelay;

    private void PassKept(byte[] octets)
    {
        if (octets.Length > 0)
        {
            Pass(Leg.Relay, octets);
        }
    }

    private void Pass(Leg from, ReadOnlySpan<byte> octets)
    {
        var direction = Of(from);
        direction.Used = true;
        _pair.Send(direction.To, octets);
        var blocked = _pair.Unsent(direction.To) > 0;
        _seen.Passed(from, octets, _pair.Now, _pair.Clock(), blocked ? direction.To : null);
        if (blocked)
        {
            _deadlines.Block(direction);
        }

        Progressed(from, octets.Length);
        if (!blocked && !_parting.HasBegun && _seen.Unexamined(from) is var unexamined and >= SpliceFrom)
        {
            _pair.Splice(from, unexamined);
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

        if (_parting.FirstToEnd is not null)
        {
            RenewHalfClosed();
        }

        PartIfAtRest();
    }

    /// <summary>One direction is over: the other has this long for its next octet.</summary>
    private void RenewHalfClosed()
    {
        if (!_draining)
        {
            _pair.SetTimer(PairTimer.Session, _limits.HalfClosed);
        }
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
            _parting.Cut(SessionOutcome.Timeout);
            return;
        }

        TimeOut("write_timeout", LocalReply.RelaySilent);
        _pair.Reset(Leg.Relay);
    }

    private void TimeOut(string limit, byte[] reply)
    {
        _host.Telemetry.LimitHit(limit);
        Part(reply, SessionOutcome.Timeout);
    }

    private void Part(byte[] reply, SessionOutcome outcome) => _parting.Begin(reply, outcome, _relay.IsConnected);

    private void PartUnserved() => Part(LocalReply.RelayUnreachable(_route.Cause), SessionOutcome.ConnectFailed);

    /// <summary>When stopping: parts as soon as no transaction and no exchange is open.</summary>
    private void PartIfAtRest()
    {
        if (_draining && !_parting.HasBegun && _seen.IsAtRest)
        {
            Part(LocalReply.Stopping, SessionOutcome.Shutdown);
        }
    }
}
