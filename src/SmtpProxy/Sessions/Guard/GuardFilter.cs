using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Guard;

/// <summary>
/// Answers those commands of the client that are not for the relay: STARTTLS where TLS ends here, everything that may not be said
/// before TLS where it is required, and XCLIENT and XFORWARD of clients that may not speak for others; each answer in its turn among the
/// relay's. Everything else passes as it comes; only a line that begins like one that is guarded waits until it is known what it is.
/// </summary>
/// <param name="context">The session.</param>
/// <param name="rules">Who of the listener's clients may speak for others.</param>
/// <param name="startTls">How far STARTTLS is.</param>
/// <param name="offers">Hears what the relay offers to whom it trusts, with each reply to EHLO out of which that is taken.</param>
internal sealed class GuardFilter(SessionContext context, GuardRules rules, StartTlsTalk startTls, ITrustWitness offers) : SessionFilter,
    ITurns
{
    private ClientSpeech? _speech;
    private CommandReader _commands = null!;
    private ReplyReader _replies = null!;
    private Intake _intake = null!;
    private Spokesman _spokesman = null!;

    public override void Begin() => Engage(introduces: false);

    public override void Dial(in RelayTarget target)
    {
        startTls.Relay = target.Tls;
        Engage(introduces: target.IntroduceAs is not null);
        _intake?.RelayEnded(false);
        Outward.Dial(target);
    }

    public override bool IsClear => _intake is not { IsEmpty: false } && Outward.IsClear;

    public override void ClientTold(ReadOnlySpan<byte> octets)
    {
        if (context.Client.OfAnswer(octets) is { IsEmpty: false } answer && startTls.WasDenied(answer))
        {
            _speech!.Secured();
        }
    }

    public override void FromClient(ReadOnlySpan<byte> octets)
    {
        if (_speech is null)
        {
            Outward.FromClient(octets);
        }
        else
        {
            _intake.Take(Outward, octets);
        }
    }

    public override void ShutRelay()
    {
        if (_speech is null)
        {
            Outward.ShutRelay();
        }
        else
        {
            EndIfEnding();
            _intake.Shut(Outward);
        }
    }

    public override void Splice(Leg from, long octets)
    {
        if (_speech is null)
        {
            Outward.Splice(from, octets);
        }
        else if (_intake.MaySplice
            && Math.Min(octets, _speech.Unexamined(from)) is var unexamined and > 0)
        {
            Outward.Splice(from, unexamined);
        }
    }

    public override void FromRelay(ReadOnlySpan<byte> octets, Origin origin)
    {
        if (_speech is null)
        {
            Inward.FromRelay(octets, origin);
        }
        else if (!_speech.IsShared)
        {
            Hear(octets);
        }
        else if (!context.IsEnding)
        {
            // What comes after the proxy has ended the session is for nobody, and answers nothing.
            context.Dialogue.Begin(Leg.Relay, octets, context.Arrived);
            Hear(octets);
            context.Dialogue.SettleIfOpen(context.Client.Unsent > 0 ? Leg.Client : null, context.Clock());
        }
    }

    public override void Spliced(Leg from, long octets) => _speech?.Skip(from, octets);

    public override void RelayEnded(EndKind how)
    {
        if (_speech is not null)
        {
            _replies.Ended();
            startTls.RelayGone();
            _intake.RelayEnded(true);
        }

        Inward.RelayEnded(how);
    }

    public override void Drained(Leg to)
    {
        if (_speech is not null && to == Leg.Client)
        {
            _intake.IsBehind = false;
        }
    }

    /// <summary>The rest of a turn of the loop goes on.</summary>
    public void GoOn() => _intake.OwesTurn = false;

    public override bool Secured(in TlsHandshake handshake)
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

            return false;
        }

        if (!startTls.RelayShakes)
        {
            return false;
        }

        RelaySecured(handshake);
        return true;
    }

    public override void Over() => _intake?.Over();

    /// <summary>After each event, never inside a request: answers what is due, goes on with what waits, and says what came of it.</summary>
    public override void Settle()
    {
        if (_speech is null)
        {
            return;
        }

        EndIfEnding();
        _spokesman.BeginTurn();
        // What is there is read before what came before it is answered: it was sent without waiting for that.
        while (_intake.ReadOn(Outward) || _spokesman.Answer(all: false))
        {
        }

        _intake.GoAhead(Outward);
        EndIfInDoubt();
        _intake.ShutIfDone(Outward);
        context.Flow.Set(Leg.Client, PauseReason.Kept, !_intake.IsOver && (_intake.Backlog > 0 || Outward.Unsent > 0));
    }

    /// <summary>Whether what had waited was read since this was asked last.</summary>
    public bool TakeWentOn() => _speech is { IsShared: true } && _intake.TakeReadOn();

    private void EndIfEnding()
    {
        if (context.IsEnding && !_intake.IsOver)
        {
            _intake.End();
        }
    }

    /// <summary>Finds out what of this client is guarded; from the first time on that something is, its dialogue is followed.</summary>
    private void Engage(bool introduces)
    {
        var blocks = introduces || !rules.Trusts(context.ClientAddress);
        startTls.Introduces = introduces;
        if (_speech is null)
        {
            if (!blocks && !startTls.IsGuarded)
            {
                return;
            }

            _speech = new ClientSpeech(context);
            context.PartingWitness = _speech;
            _commands = new CommandReader(_speech, startTls);
            _replies = new ReplyReader(context, _speech, startTls, offers, Inward);
            _intake = new Intake(_commands, _speech, startTls, rules);
            _spokesman = new Spokesman(context, _commands, _replies, _intake, startTls, _speech, rules);
            context.Client.Witness = this;
        }

        _spokesman.Introduces = introduces;
        _replies.HidesXClient = blocks;
        _commands.Guarded = (startTls.IsGuarded ? GuardedWords.StartTls : GuardedWords.None)
            | (blocks ? GuardedWords.XClient | GuardedWords.XForward : GuardedWords.None);
    }

    private void Hear(ReadOnlySpan<byte> octets)
    {
        _spokesman.Answer(all: true);
        while (!octets.IsEmpty)
        {
            if (startTls.RelayShakes)
            {
                // In the clear after its 220: nobody knows whose words these are.
                context.Telemetry.Observer.Anomalous(Anomaly.StartTlsInjectionRelay, Leg.Relay, 0);
                return;
            }

            octets = octets[_replies.Read(octets, this)..];
            while (IsInterrupted() && _spokesman.Answer(all: true))
            {
            }
        }
    }

    /// <summary>Between two replies of the relay. What went ahead of its meaning may be answered already: it is understood first.</summary>
    /// <returns>The next word is the proxy's.</returns>
    public bool IsInterrupted()
    {
        while (!_commands.IsOwnDue && _intake.ReadGone(Outward))
        {
        }

        return _commands.IsOwnDue;
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
        Inward.RelayEnded(EndKind.Fin);
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
            Inward.Signalled(_replies.SaidWholeLines ? SessionSignal.EndInsecure : SessionSignal.EndInsecureSilently);
        }
        else
        {
            rules.Blocked(context.Pair, _spokesman.Introduces);
            Inward.Signalled(SessionSignal.EndUnidentified);
        }
    }
}
