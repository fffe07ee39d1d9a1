using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>
/// One session: what to do with octets, ends and timers. Octets are handed on before they are looked at, each direction ends by itself,
/// and the relay is dialled before the client has said a word (laws 1 to 4). Everything runs on the pair's loop.
/// </summary>
internal sealed class Session : IPairHandler
{
    /// <summary>From here on it pays to let the kernel move octets that nobody looks at.</summary>
    private const long SpliceFrom = 128 * 1024;

    /// <summary>How long a peer may take to close behind our FIN before the connection is reset.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly SessionHost _host;
    private readonly SessionLimits _limits;
    private readonly RelayRoute _route;
    private readonly Observation _seen;
    private readonly Direction _fromClient = new(Leg.Client);
    private readonly Direction _fromRelay = new(Leg.Relay);
    private IPair _pair = null!;
    private Deadlines _deadlines = null!;
    private SessionOutcome? _outcome;
    private Leg? _firstToEnd;
    private bool _connected;
    private bool _closing;
    private bool _draining;

    public Session(SessionHost host, string listener, string cluster)
    {
        _host = host;
        Listener = listener;
        _limits = host.Limits;
        _route = new RelayRoute(host.Relays, cluster);
        _seen = new Observation(host.Telemetry.Open(listener, cluster), host.ObserverFailed);
    }

    /// <summary>The listener's name.</summary>
    public string Listener { get; }

    /// <summary>Asks the session to end gracefully; from any thread.</summary>
    public void Drain() => _pair.Signal((int)Ask.Drain);

    void IPairHandler.Accepted(IPair pair)
    {
        _pair = pair;
        _deadlines = new Deadlines(pair, _limits, _seen);
        _seen.Accepted(pair.Client, pair.Local, pair.Now);
        if (_host.Admit(this, pair) is { } refusal)
        {
            Conclude(refusal, _host.IsDraining ? SessionOutcome.Shutdown : SessionOutcome.Refused);
            return;
        }

        // Until there is somewhere to put them, the client's octets wait in the kernel.
        pair.Pause(Leg.Client);
        DialNext();
    }

    void IPairHandler.Dialled(in DialResult result)
    {
        _seen.Dialled(result, _pair.Now);
        if (result.Outcome != DialOutcome.Connected)
        {
            _route.DialFailed(result.Outcome);
            DialNext();
            return;
        }

        _connected = true;
        _pair.Resume(Leg.Client);
        _deadlines.AwaitGreeting();
    }

    void IPairHandler.Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (_closing)
        {
            return;
        }

        var to = Other(from);
        var direction = Of(from);
        direction.Used = true;
        _pair.Send(to, octets);
        var blocked = _pair.Unsent(to) > 0;
        _seen.Passed(from, octets, _pair.Now, _pair.Clock(), blocked ? to : null);
        if (blocked)
        {
            Block(direction, to);
        }
        else
        {
            Progressed(from);
        }

        TrySplice(from);
    }

    void IPairHandler.Spliced(Leg from, long octets)
    {
        _seen.Spliced(from, octets, _pair.Now);
        if (!_closing)
        {
            Progressed(from);
        }
    }

    void IPairHandler.Drained(Leg to)
    {
        var direction = Of(Other(to));
        direction.Blocked = false;
        if (_closing)
        {
            return;
        }

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

    void IPairHandler.Ended(Leg from, EndKind how)
    {
        if (_closing)
        {
            return;
        }

        if (from == Leg.Relay && !_fromRelay.Used && !_fromClient.Used && _fromClient.EndedBy is null && TryNextRelay("the relay closed the connection before its greeting"))
        {
            return;
        }

        var direction = Of(from);
        direction.EndedBy = how;
        _firstToEnd ??= from;
        _seen.Ended(from, how);
        if (how == EndKind.Fin)
        {
            _pair.Shut(Other(from));
            _pair.SetTimer(PairTimer.Session, _draining ? _limits.Drain : _limits.HalfClosed);
        }
        else if (!direction.Blocked)
        {
            _pair.Reset(Other(from));
        }
    }

    void IPairHandler.TimedOut(PairTimer timer)
    {
        switch (timer)
        {
            case PairTimer.Session:
                TimeIsUp();
                break;
            case PairTimer.ClientWrite:
                WriteTimedOut(Leg.Client);
                break;
            case PairTimer.RelayWrite:
                WriteTimedOut(Leg.Relay);
                break;
            case PairTimer.RelayRead when !_closing && !_fromRelay.Used && !_fromClient.Used && TryNextRelay("the relay sent no greeting in time"):
                break;
            case PairTimer.RelayRead:
                _host.Telemetry.LimitHit(_seen.Greeted ? "reply_timeout" : "greeting_timeout");
                Conclude(LocalReply.RelaySilent, SessionOutcome.Timeout);
                break;
            case PairTimer.ClientRead when _pair.Unsent(Leg.Relay) > 0:
                // Octets in a splice: it is the relay that does not take them.
                WriteTimedOut(Leg.Relay);
                break;
            default:
                _host.Telemetry.LimitHit("idle_timeout");
                Conclude(LocalReply.ClientSilent, SessionOutcome.Timeout);
                break;
        }
    }

    void IPairHandler.Signalled(int what)
    {
        if ((Ask)what == Ask.Drain && !_closing && !_draining)
        {
            _draining = true;
            _pair.SetTimer(PairTimer.Session, _host.DrainDeadline);
            if (!_connected)
            {
                Conclude(LocalReply.Stopping, SessionOutcome.Shutdown);
            }
            else
            {
                PartIfAtRest();
            }
        }
    }

    void IPairHandler.Closed()
    {
        _seen.Finish();
        _seen.Over(Outcome, _pair.Now);
        _route.Release();
        _host.Remove(this, _pair);
    }

    /// <summary>What we ended ourselves has its reason; otherwise the dialogue tells, and at last who went first.</summary>
    private SessionOutcome Outcome => _outcome
        ?? (_seen.Quit ? SessionOutcome.Quit
            : _seen.GreetingRefused ? SessionOutcome.Refused
            : _firstToEnd == Leg.Relay ? SessionOutcome.RelayGone : SessionOutcome.ClientGone);

    private static Leg Other(Leg leg) => leg == Leg.Client ? Leg.Relay : Leg.Client;

    private Direction Of(Leg from) => from == Leg.Client ? _fromClient : _fromRelay;

    private void DialNext()
    {
        if (_route.TryNext(_pair.Client, out var target))
        {
            _seen.Dialling(_route.Destination, _pair.Now);
            _pair.Dial(target);
            return;
        }

        Conclude(LocalReply.RelayUnreachable(_route.Cause), SessionOutcome.ConnectFailed);
    }

    /// <summary>Fail-over while the client has seen nothing and the relay was told nothing. False: there is no other relay.</summary>
    private bool TryNextRelay(string cause)
    {
        var tried = _route.Destination;
        _route.GreetingFailed(cause);
        if (!_route.TryNext(_pair.Client, out var target))
        {
            return false;
        }

        _host.RelayAbandoned(tried, _route.Destination, cause);
        _connected = false;
        _pair.Reset(Leg.Relay);
        _pair.Pause(Leg.Client);
        _seen.Dialling(_route.Destination, _pair.Now);
        _pair.Dial(target);
        return true;
    }

    private void Progressed(Leg from)
    {
        if (_seen.Greeted)
        {
            _route.Greeted(!_seen.GreetingRefused);
        }

        if (!_fromClient.Blocked && !_fromRelay.Blocked)
        {
            _deadlines.After(from);
        }

        if (_fromClient.EndedBy is not null || _fromRelay.EndedBy is not null)
        {
            // One direction is over and the other still moves: that is what its time is for.
            if (!_draining)
            {
                _pair.SetTimer(PairTimer.Session, _limits.HalfClosed);
            }
        }

        PartIfAtRest();
    }

    private void Block(Direction direction, Leg to)
    {
        direction.Blocked = true;
        direction.UnsentAtLastLook = _pair.Unsent(to);
        _pair.Pause(direction.From);
        _deadlines.Blocked(to);
    }

    private void WriteTimedOut(Leg to)
    {
        var direction = Of(Other(to));
        var unsent = _pair.Unsent(to);
        if (!_closing && unsent > 0 && unsent < direction.UnsentAtLastLook)
        {
            // Slow, but it takes octets: the limit is on taking none.
            direction.UnsentAtLastLook = unsent;
            _pair.SetTimer(Deadlines.WriteTimer(to), _limits.Write);
            return;
        }

        _host.Telemetry.LimitHit("write_timeout");
        if (to == Leg.Client)
        {
            _outcome ??= SessionOutcome.Timeout;
            ResetBoth();
            return;
        }

        _pair.Reset(Leg.Relay);
        Conclude(LocalReply.RelaySilent, SessionOutcome.Timeout);
    }

    private void TimeIsUp()
    {
        _outcome ??= _draining ? SessionOutcome.Shutdown : SessionOutcome.Timeout;
        if (!_closing && _draining && _seen.MaySpeak)
        {
            Conclude(LocalReply.Stopping, SessionOutcome.Shutdown);
            return;
        }

        ResetBoth();
    }

    /// <summary>When stopping: parts as soon as no transaction and no exchange is open.</summary>
    private void PartIfAtRest()
    {
        if (_draining && !_closing && _seen.IsAtRest)
        {
            Conclude(LocalReply.Stopping, SessionOutcome.Shutdown);
        }
    }

    /// <summary>Ends the session from our side: a reply where one can stand, FIN both ways, and what still comes is dropped.</summary>
    private void Conclude(byte[] reply, SessionOutcome outcome)
    {
        if (_closing)
        {
            return;
        }

        _outcome ??= outcome;
        if (_seen.MaySpeak && _fromRelay.EndedBy is null)
        {
            _pair.Send(Leg.Client, reply);
            _seen.Spoke(reply, _pair.Clock());
        }

        _closing = true;
        foreach (var timer in (ReadOnlySpan<PairTimer>)[PairTimer.ClientRead, PairTimer.ClientWrite, PairTimer.RelayRead, PairTimer.RelayWrite])
        {
            _pair.CancelTimer(timer);
        }

        // What the client still sends is read and dropped: closing over unread octets would turn our FIN into a reset and lose the reply.
        _pair.Shut(Leg.Client);
        _pair.Resume(Leg.Client);
        if (_connected)
        {
            _pair.Shut(Leg.Relay);
            _pair.Resume(Leg.Relay);
        }
        else
        {
            _pair.Reset(Leg.Relay);
        }

        _pair.SetTimer(PairTimer.Session, Linger);
    }

    private void ResetBoth()
    {
        _closing = true;
        _pair.Reset(Leg.Relay);
        _pair.Reset(Leg.Client);
    }

    private void TrySplice(Leg from)
    {
        if (_seen.Unexamined(from) is var octets and >= SpliceFrom && !Of(from).Blocked)
        {
            _pair.Splice(from, octets);
        }
    }

    /// <summary>What other threads may ask for.</summary>
    private enum Ask
    {
        Drain = 1,
    }

    /// <summary>One direction of the forwarding.</summary>
    private sealed class Direction(Leg from)
    {
        public Leg From { get; } = from;

        /// <summary>Octets have passed.</summary>
        public bool Used { get; set; }

        /// <summary>The receiving leg does not take octets; the sending leg is paused.</summary>
        public bool Blocked { get; set; }

        /// <summary>What was unsent when a blocked leg was last looked at.</summary>
        public int UnsentAtLastLook { get; set; }

        /// <summary>How it ended, if it did.</summary>
        public EndKind? EndedBy { get; set; }
    }
}
