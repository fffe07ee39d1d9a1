using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What faults do to the two connections of a session, and what of it goes into the session's record.</summary>
internal sealed class FaultWire
{
    private readonly SessionContext _context;
    private readonly ClientEnd _session;
    private readonly Func<SessionFilter> _relay;

    /// <summary>Creates it.</summary>
    /// <param name="context">The session.</param>
    /// <param name="session">The client's end.</param>
    /// <param name="relay">The way to the relay.</param>
    public FaultWire(SessionContext context, ClientEnd session, Func<SessionFilter> relay)
    {
        (_context, _session, _relay) = (context, session, relay);
        Timers = new FaultTimers(context.Pair);
        ToClient = new Outbox(context.Pair, context.Client.SendNow, context.Client.ShutNow, Timers, FaultTimer.ToClient);
        ToRelay = new Outbox(context.Pair, octets => relay().FromClient(octets), () => relay().ShutRelay(), Timers, FaultTimer.ToRelay);
        context.Client.Limited = ToClient;
    }

    /// <summary>What is waited for.</summary>
    public FaultTimers Timers { get; }

    /// <summary>What goes out to the client.</summary>
    public Outbox ToClient { get; }

    /// <summary>What goes out to the relay.</summary>
    public Outbox ToRelay { get; }

    /// <summary>The relay's connection was ended here, or never made: nothing goes to it, nothing comes.</summary>
    public bool IsRelayGone { get; private set; }

    /// <summary>It ended by itself, and the session knows: it sees to its own end.</summary>
    public bool IsEndTold { get; private set; }

    /// <summary>There is a connection to the relay, or was.</summary>
    public bool IsRelayConnected { get; set; }

    /// <summary>Gives up the dial that is held.</summary>
    public Action CancelDial { get; set; } = static () => { };

    /// <summary>The whole session was ended here.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The client hears no more, though it may still speak.</summary>
    public bool IsClientShut => _context.Client.IsShut;

    /// <summary>The session is being shown octets of the client, and has not looked at them yet.</summary>
    public bool IsClientSpeaking { get; set; }

    /// <summary>Whether anything is held, so that no limit of time may run out.</summary>
    public bool IsHolding => _context.IsHolding || ToClient.IsHolding || ToRelay.IsHolding;

    /// <summary>Whether a limit of speed stands.</summary>
    public bool IsThrottled => ToClient.IsThrottled || ToRelay.IsThrottled;

    /// <summary>Real time at this moment, in ticks.</summary>
    public long Clock() => _context.Pair.Clock();

    /// <summary>Something is held from here on.</summary>
    public void Hold() => _context.Hold();

    /// <summary>It goes on.</summary>
    public void Release() => _context.Release();

    /// <summary>The client hears this.</summary>
    public void Tell(ReadOnlySpan<byte> octets, Origin origin)
    {
        if (!octets.IsEmpty)
        {
            _session.FromRelay(octets, origin);
        }
    }

    /// <summary>The exchange whose reply the client expects next, and which of its replies that is; null: none.</summary>
    public (int Index, int Part)? Expected => _context.Dialogue.AwaitedReply;

    /// <summary>What the client is told next begins the reply to STARTTLS.</summary>
    public void AnswerBegins() => _context.Client.AnswerBegins();

    /// <summary>The dialogue goes on with this, and the client does not get it: it got something else in its place.</summary>
    public void FeedHidden(ReadOnlySpan<byte> octets, Origin origin) => _session.FeedHidden(octets, origin);

    /// <summary>After a 220 to STARTTLS that the client can read it has TLS with this proxy.</summary>
    public bool GrantsTls => _context.Tls is { Rules.Mode: ListenerTlsMode.StartTls };

    /// <summary>The client gets octets that are no reply, and of which the dialogue knows nothing.</summary>
    public void SendUnrecorded(ReadOnlySpan<byte> octets) => _context.Client.Send(octets);

    /// <summary>The relay gets octets, unless it is gone.</summary>
    public void Forward(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty || IsRelayGone)
        {
            return;
        }

        if (_context.RelayDialogue is { IsRead: false } relay)
        {
            relay.Sent(octets);
        }

        ToRelay.Write(octets);
    }

    /// <summary>The client is shown another certificate when it next shakes hands.</summary>
    public void ShowInstead(CertificateFlaw? flaw)
    {
        if (flaw is not null && _context.Tls is { } tls)
        {
            tls.Forged = flaw;
        }
    }

    /// <summary>A fault and what came of it goes into the session's record and trace.</summary>
    public void Record(Injection injection)
    {
        var telemetry = _context.Telemetry;
        injection.ShownKey = injection.NamesPeople ? telemetry.KeyOf(injection.DecisionKey) : injection.DecisionKey;
        var note = new FaultNote(
            injection.Rule,
            injection.Action,
            FaultNames.Of(injection.Point),
            FaultNames.Of(injection.Effect),
            injection.ClientCode,
            injection.RelayCode,
            injection.RelayQueueId,
            injection.AddedDelay) { Seed = injection.Seed, DecisionKey = injection.ShownKey };
        using (telemetry.Change())
        {
            telemetry.Injected(note);
        }

        injection.TraceId ??= telemetry.TraceId;
        injection.Done();
    }

    /// <summary>The relay ended by itself, and everything that it said is with the client.</summary>
    public void RelayEnded(EndKind how)
    {
        (IsRelayGone, IsEndTold) = (true, true);
        if (how == EndKind.Fin)
        {
            // Nothing goes to it any more: whatever the client still says is answered here.
            ToRelay.Drop();
            _relay().ShutRelay();
        }

        _session.RelayEnded(how);
    }

    /// <summary>Whoever makes the client's queue grow, with the answers it draws from here, is paused while it is long.</summary>
    public void PauseIfFull() => _context.Flow.Set(Leg.Client, PauseReason.Answers, ToClient.IsFull);

    /// <summary>The relay is read no further, since what it said waits for something that is held; or it is again.</summary>
    public void KeepRelay(bool stands) => _context.Flow.Set(Leg.Relay, PauseReason.Kept, stands);

    /// <summary>Nothing goes to a side for now; perhaps nothing is read from it either.</summary>
    public void Stall(Leg? side, bool stopReading) => Stalled(side, stopReading, true);

    /// <summary>The end of <see cref="Stall"/>.</summary>
    public void Unstall(Leg? side, bool stopReading) => Stalled(side, stopReading, false);

    /// <summary>Limits the speed of what passes from here on.</summary>
    public void Throttle(ThrottleSpec spec)
    {
        if (spec.FromClient)
        {
            ToRelay.Throttle(spec);
        }

        if (spec.FromRelay)
        {
            ToClient.Throttle(spec);
        }
    }

    /// <summary>Ends all limits of speed.</summary>
    public void Unthrottle()
    {
        ToClient.Throttle(null);
        ToRelay.Throttle(null);
    }

    /// <summary>Ends the relay's connection; the session goes on.</summary>
    public void EndRelay(EndKind how)
    {
        if (IsRelayGone)
        {
            return;
        }

        IsRelayGone = true;
        CancelDial();
        ToRelay.Drop();
        if (how == EndKind.Fin && IsRelayConnected)
        {
            _relay().ShutRelay();
            _context.Flow.Discard(Leg.Relay);
        }
        else
        {
            _relay().ResetRelay();
        }
    }

    /// <summary>There never was a relay.</summary>
    public void WithoutRelay() => IsRelayGone = true;

    /// <summary>Ends the session: as if the relay had.</summary>
    public void EndAll(EndKind how)
    {
        _context.EndByFault();
        EndRelay(how);
        IsOver = true;
        if (how == EndKind.Fin)
        {
            // There may be no relay yet, for which the client would not be read.
            _context.Flow.Discard(Leg.Client);
        }

        _session.RelayEnded(how);
    }

    /// <summary>Ends the client's connection, and leaves the relay's as it is until it ends.</summary>
    public void EndClient(EndKind how)
    {
        _context.EndByFault();
        if (how == EndKind.Fin)
        {
            _context.Client.Shut();
            return;
        }

        _context.Client.Reset();
        _session.ClientEnded(EndKind.Reset);
    }

    private void Stalled(Leg? side, bool stopReading, bool stalled)
    {
        // What would go to the client waits in its slots.
        if (side != Leg.Client)
        {
            if (stalled)
            {
                ToRelay.Stall();
            }
            else
            {
                ToRelay.Unstall();
            }
        }

        if (stopReading)
        {
            _context.Flow.Set(Leg.Client, PauseReason.Stalled, stalled && side != Leg.Relay);
            _context.Flow.Set(Leg.Relay, PauseReason.Stalled, stalled && side != Leg.Client);
        }
    }
}
