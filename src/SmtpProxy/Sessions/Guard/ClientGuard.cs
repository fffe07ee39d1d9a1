using SmtpProxy.Protocol;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Sessions.Guard;

/// <summary>
/// Stands before the relay and answers those commands of the client that are not for the relay: STARTTLS where TLS ends here, everything that may not be said
/// before TLS where it is required, and XCLIENT and XFORWARD of clients that may not speak for others. Whoever stands above hears all of that as the relay's
/// words, each in its turn, so that the dialogue they follow is the client's. Everything else passes as it comes; only a line that begins like one that is
/// guarded waits until it is known what it is.
/// </summary>
/// <param name="handler">Who stands above.</param>
/// <param name="rules">Who of the listener's clients may speak for others.</param>
/// <param name="startTls">How far STARTTLS is.</param>
/// <param name="telemetry">The session's record.</param>
/// <param name="offers">Hears what the relay offers to whom it trusts, with each reply to EHLO out of which that is taken.</param>
internal sealed class ClientGuard(IPairHandler handler, GuardRules rules, StartTlsTalk startTls, SessionTelemetry telemetry, Action<TrustOffer> offers) : PassingPair
{
    private ClientSpeech? _speech;
    private CommandReader _commands = null!;
    private ReplyReader _replies = null!;
    private Intake _intake = null!;
    private Spokesman _spokesman = null!;
    private Func<bool> _isInterrupted = null!;
    private ClientHold _hold;

    protected override IPairHandler Handler => handler;

    public override void Accepted(IPair pair)
    {
        Keep(pair);
        Engage(introduces: false);
        Handler.Accepted(this);
        Settle();
    }

    public override void Dial(in DialTarget target)
    {
        startTls.Relay = target.Tls;
        Engage(introduces: target.IntroduceAs is not null);
        _intake?.RelayEnded(false);
        base.Dial(target);
    }

    public override void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        if (to == Leg.Client)
        {
            base.Send(to, octets);
            if (startTls.WasDenied(octets))
            {
                _speech!.Secured();
            }
        }
        else if (_speech is null)
        {
            base.Send(to, octets);
        }
        else
        {
            _intake.Take(Pair, octets);
        }
    }

    public override void Pause(Leg from) => _hold.Want(Pair, from, wanted: false);

    public override void Resume(Leg from) => _hold.Want(Pair, from, wanted: true);

    public override void Shut(Leg leg)
    {
        if (leg == Leg.Client || _speech is null)
        {
            base.Shut(leg);
        }
        else
        {
            _intake.Shut(Pair);
        }
    }

    public override void Splice(Leg from, long octets)
    {
        if (_speech is null || octets == 0)
        {
            base.Splice(from, octets);
        }
        else if (_intake.MaySplice
            && Math.Min(octets, _speech.Unexamined(from == Leg.Client ? Party.Client : Party.Server)) is var unexamined and > 0)
        {
            base.Splice(from, unexamined);
        }
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Client || _speech is null)
        {
            base.Received(from, octets);
        }
        else
        {
            Hear(octets);
        }

        Settle();
    }

    public override void Spliced(Leg from, long octets)
    {
        _speech?.Skip(from == Leg.Client ? Party.Client : Party.Server, octets);
        base.Spliced(from, octets);
        Settle();
    }

    public override void Ended(Leg from, EndKind how)
    {
        if (from == Leg.Relay && _speech is not null)
        {
            _replies.Ended();
            startTls.RelayGone();
            _intake.RelayEnded(true);
        }

        base.Ended(from, how);
        Settle();
    }

    public override void Drained(Leg to)
    {
        if (_speech is not null && to == Leg.Client)
        {
            _intake.IsBehind = false;
        }

        base.Drained(to);
        Settle();
    }

    public override void TimedOut(PairTimer timer)
    {
        base.TimedOut(timer);
        Settle();
    }

    public override void Signalled(int what)
    {
        if (what == Spokesman.GoOn)
        {
            _intake.OwesTurn = false;
        }
        else
        {
            base.Signalled(what);
        }

        Settle();
    }

    public override void Closed()
    {
        _speech?.Over();
        base.Closed();
    }

    public override void Secured(in TlsHandshake handshake)
    {
        if (_speech is not null && handshake.Leg == Leg.Client)
        {
            startTls.ClientShook(handshake.Succeeded);
            if (handshake.Succeeded)
            {
                _speech.Secured();
                _commands.Secured();
            }
            else
            {
                // The client's connection is no use any more.
                _intake.End();
            }

            base.Secured(handshake);
        }
        else if (startTls.RelayShakes)
        {
            RelaySecured(handshake);
        }
        else
        {
            base.Secured(handshake);
        }

        Settle();
    }

    /// <summary>Finds out what of this client is guarded; from the first time on that something is, its dialogue is followed.</summary>
    private void Engage(bool introduces)
    {
        var blocks = introduces || !rules.Trusts(Client);
        startTls.Introduces = introduces;
        if (_speech is null)
        {
            if (!blocks && !startTls.IsGuarded)
            {
                return;
            }

            (_speech, _isInterrupted) = (new ClientSpeech(), IsInterrupted);
            _commands = new CommandReader(_speech, startTls);
            _replies = new ReplyReader(_speech, startTls, telemetry, offers, Deliver);
            _intake = new Intake(_commands, _speech, startTls, rules);
            _spokesman = new Spokesman(_commands, _replies, _intake, startTls, _speech, rules);
        }

        _spokesman.Introduces = introduces;
        _replies.HidesXClient = blocks;
        _commands.Guarded = (startTls.IsGuarded ? GuardedWords.StartTls : GuardedWords.None)
            | (blocks ? GuardedWords.XClient | GuardedWords.XForward : GuardedWords.None);
    }

    private void Hear(ReadOnlySpan<byte> octets)
    {
        _spokesman.Answer(Pair, all: true);
        while (!octets.IsEmpty)
        {
            if (startTls.RelayShakes)
            {
                // In the clear after its 220: nobody knows whose words these are.
                telemetry.Observer.Anomalous(Anomaly.StartTlsInjectionServer, Party.Server, 0);
                return;
            }

            octets = octets[_replies.Read(octets, _isInterrupted)..];
            while (IsInterrupted() && _spokesman.Answer(Pair, all: true))
            {
            }
        }
    }

    /// <summary>Between two replies of the relay. What went ahead of its meaning may be answered already: it is understood first.</summary>
    /// <returns>The next word is the proxy's.</returns>
    private bool IsInterrupted()
    {
        while (!_commands.IsOwnDue && _intake.ReadGone(Pair))
        {
        }

        return _commands.IsOwnDue;
    }

    private void Deliver(ReadOnlySpan<byte> octets, Origin origin)
    {
        telemetry.Origin = origin;
        Handler.Received(Leg.Relay, octets);
        telemetry.Origin = Origin.Relay;
    }

    private void RelaySecured(in TlsHandshake handshake)
    {
        var granted = startTls.RelayShook();
        if (handshake.Succeeded)
        {
            _spokesman.Grant(granted, Origin.Relay);
            return;
        }

        // The relay is gone with its handshake. Who can do without TLS comes again, and says so.
        _replies.Tell(LocalReply.TlsRelayFailed, Origin.Proxy);
        base.Ended(Leg.Relay, EndKind.Fin);
    }

    /// <summary>After each event, never inside a request: answers what is due, goes on with what waits, and says what came of it.</summary>
    private void Settle()
    {
        if (_speech is null)
        {
            return;
        }

        _spokesman.BeginTurn();
        while (_spokesman.Answer(Pair, all: false) || _intake.ReadOn(Pair))
        {
        }

        _intake.GoAhead(Pair);
        EndIfInDoubt();
        _intake.ShutIfDone(Pair);
        _hold.Set(Pair, !_intake.IsOver && (_intake.Backlog > 0 || Pair.Unsent(Leg.Relay) > 0));
    }

    /// <summary>What is required, and cannot be seen to be so, ends the session.</summary>
    private void EndIfInDoubt()
    {
        var doubt = _commands.Doubt ?? (_replies.IsHopeless || (_speech!.IsOpaque && startTls.IsDue) ? Doubt.Insecure : null);
        if (doubt is null || _intake.IsOver || startTls.IsUnderWay)
        {
            return;
        }

        _intake.End();
        if (doubt == Doubt.Insecure)
        {
            rules.Unfollowed();
            Handler.Signalled((int)(_replies.SaidWholeLines ? SessionAsk.EndInsecure : SessionAsk.EndInsecureSilently));
        }
        else
        {
            rules.Blocked(Pair, _spokesman.Introduces);
            Handler.Signalled((int)SessionAsk.EndUnidentified);
        }
    }
}
