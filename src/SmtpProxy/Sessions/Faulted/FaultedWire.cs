using SmtpProxy.Faults;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What the parts of a faulted session do to its connections, and through which everything that they do is told to the session and to its
/// record: the session believes to hear a relay.</summary>
internal sealed class FaultedWire
{
    private readonly IPairHandler _session;
    private readonly SessionTelemetry _telemetry;
    private readonly SessionTls? _tls;
    private readonly bool[] _unwanted = new bool[2];
    private readonly bool[] _stopped = new bool[2];
    private bool _isClientFull;
    private HoldClock _clock;
    private bool _muted;

    /// <summary>Creates it.</summary>
    /// <param name="pair">The connections.</param>
    /// <param name="session">Who is told.</param>
    /// <param name="telemetry">Its record.</param>
    /// <param name="tls">TLS that ends at the proxy; null: none does.</param>
    public FaultedWire(IPair pair, IPairHandler session, SessionTelemetry telemetry, SessionTls? tls)
    {
        (Pair, _session, _telemetry, _tls) = (pair, session, telemetry, tls);
        Timers = new FaultTimers(pair);
        ToClient = new Outbox(pair, Leg.Client, Timers, FaultTimer.ToClient);
        ToRelay = new Outbox(pair, Leg.Relay, Timers, FaultTimer.ToRelay);
    }

    /// <summary>The connections themselves.</summary>
    public IPair Pair { get; }

    /// <summary>What is waited for.</summary>
    public FaultTimers Timers { get; }

    /// <summary>What goes out to the client.</summary>
    public Outbox ToClient { get; }

    /// <summary>What goes out to the relay.</summary>
    public Outbox ToRelay { get; }

    /// <summary>The relay's connection was ended here, or never made: nothing goes to it, nothing comes.</summary>
    public bool IsRelayGone { get; private set; }

    /// <summary>The whole session was ended here.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The session is being shown octets of the client, and has not looked at them yet.</summary>
    public bool IsClientSpeaking { get; private set; }

    /// <summary>Whether anything is held, so that no limit of time may run out.</summary>
    public bool IsHolding => _clock.IsHolding || ToClient.IsHolding || ToRelay.IsHolding;

    /// <summary>Whether a limit of speed stands.</summary>
    public bool IsThrottled => ToClient.IsThrottled || ToRelay.IsThrottled;

    /// <summary>The session's time: without what was held.</summary>
    public long Now => _clock.At(Pair.Now);

    /// <summary>The session's time at this moment.</summary>
    public long Clock() => _clock.At(Pair.Clock());

    /// <summary>Something is held from here on.</summary>
    public void Hold() => _clock.Begin(Pair.Clock());

    /// <summary>It goes on.</summary>
    public void Release()
    {
        var held = _clock.End(Pair.Clock());
        if (held > 0)
        {
            _telemetry.Held(held);
        }
    }

    /// <summary>The session hears this from its client.</summary>
    public void Heard(ReadOnlySpan<byte> octets)
    {
        IsClientSpeaking = true;
        _session.Received(Leg.Client, octets);
        IsClientSpeaking = false;
    }

    /// <summary>The session hears this from its relay, and passes it on to the client.</summary>
    public void Tell(ReadOnlySpan<byte> octets, Origin origin)
    {
        if (octets.IsEmpty)
        {
            return;
        }

        // What comes as the relay's may be the words of whoever stands before it.
        var before = _telemetry.Origin;
        _telemetry.Origin = origin == Origin.Relay ? before : origin;
        _session.Received(Leg.Relay, octets);
        _telemetry.Origin = before;
    }

    /// <summary>The session hears this, and the client does not: it got something else in its place.</summary>
    public void TellInSecret(ReadOnlySpan<byte> octets, Teller tell)
    {
        _muted = true;
        tell(octets, Origin.Relay);
        _muted = false;
    }

    /// <summary>What the session sends to its client.</summary>
    public void SendToClient(ReadOnlySpan<byte> octets)
    {
        if (!_muted)
        {
            ToClient.Write(octets);
        }
    }

    /// <summary>The client gets octets that are no reply, past the session.</summary>
    public void SendUntold(ReadOnlySpan<byte> octets)
    {
        ToClient.Write(octets);
        _telemetry.WroteOwn(Leg.Client, octets.Length);
    }

    /// <summary>The relay gets octets that no client said.</summary>
    public void SendOwn(ReadOnlySpan<byte> octets)
    {
        ToRelay.Write(octets);
        _telemetry.WroteOwn(Leg.Relay, octets.Length);
    }

    /// <summary>The client is shown another certificate when it next shakes hands.</summary>
    public void ShowInstead(ForgedKind? kind)
    {
        if (kind is { } forged && _tls is not null)
        {
            _tls.Forged = forged switch
            {
                ForgedKind.Expired => CertificateFlaw.Expired,
                ForgedKind.WrongHost => CertificateFlaw.WrongHost,
                _ => CertificateFlaw.Untrusted,
            };
        }
    }

    /// <summary>The relay said this and the client did not hear it.</summary>
    public void Hidden(Slot slot) => _telemetry.Hidden(slot.Operation, slot.RealCode);

    /// <summary>A fault and what came of it goes into the session's record and trace.</summary>
    public void Record(Injection injection)
    {
        injection.ShownKey = injection.NamesPeople ? _telemetry.KeyOf(injection.DecisionKey) : injection.DecisionKey;
        var note = new FaultNote(
            injection.Rule,
            injection.Action,
            FaultNames.Of(injection.Point),
            FaultNames.Of(injection.Effect),
            injection.ClientCode,
            injection.RelayCode,
            injection.RelayQueueId,
            injection.AddedDelay) { Seed = injection.Seed, DecisionKey = injection.ShownKey };
        _telemetry.Injected(note);
        injection.TraceId ??= _telemetry.TraceId;
        injection.Done();
    }

    /// <summary>The relay ended by itself, and everything that it said is with the client.</summary>
    public void RelayEnded(EndKind how)
    {
        IsRelayGone = true;
        if (how == EndKind.Fin)
        {
            // Nothing goes to it any more: whatever the client still says is answered here.
            ToRelay.Drop();
            Pair.Shut(Leg.Relay);
        }

        _session.Ended(Leg.Relay, how);
    }

    /// <summary>The session wants to read from a leg, or not.</summary>
    public void Read(Leg leg, bool wanted)
    {
        _unwanted[(int)leg] = !wanted;
        Settle(leg);
    }

    /// <summary>Whoever makes the client's queue grow, with the answers it draws from here, is paused while it is long.</summary>
    public void PauseIfFull()
    {
        if (ToClient.IsFull != _isClientFull)
        {
            _isClientFull = !_isClientFull;
            Settle(Leg.Client);
        }
    }

    /// <summary>Nothing goes to a side for now; perhaps nothing is read from it either.</summary>
    public void Stall(FaultSide side, bool stopReading) => Stalled(side, stopReading, true);

    /// <summary>The end of <see cref="Stall"/>.</summary>
    public void Unstall(FaultSide side, bool stopReading) => Stalled(side, stopReading, false);

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

    /// <summary>Ends the relay's connection; the session is not told.</summary>
    public void EndRelay(EndHow how)
    {
        if (IsRelayGone)
        {
            return;
        }

        IsRelayGone = true;
        ToRelay.Drop();
        if (how == EndHow.Fin)
        {
            Pair.Shut(Leg.Relay);
            Pair.Resume(Leg.Relay);
        }
        else
        {
            Pair.Reset(Leg.Relay);
        }
    }

    /// <summary>There never was a relay.</summary>
    public void WithoutRelay() => IsRelayGone = true;

    /// <summary>Ends the session: as if the relay had.</summary>
    public void EndAll(EndHow how)
    {
        if (IsOver)
        {
            return;
        }

        _telemetry.EndedByFault();
        EndRelay(how);
        IsOver = true;
        _session.Ended(Leg.Relay, how == EndHow.Fin ? EndKind.Fin : EndKind.Reset);
    }

    /// <summary>Ends the client's connection, and leaves the relay's as it is until it ends.</summary>
    public void EndClient(EndHow how)
    {
        _telemetry.EndedByFault();
        if (how == EndHow.Fin)
        {
            ToClient.Shut();
            return;
        }

        ToClient.Drop();
        Pair.Reset(Leg.Client);
        _session.Ended(Leg.Client, EndKind.Reset);
    }

    private void Stalled(FaultSide side, bool stopReading, bool stalled)
    {
        // What would go to the client waits in its slots.
        if (side != FaultSide.Client)
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
            _stopped[(int)Leg.Client] = stalled && side != FaultSide.Upstream;
            _stopped[(int)Leg.Relay] = stalled && side != FaultSide.Client;
            Settle(Leg.Client);
            Settle(Leg.Relay);
        }
    }

    private void Settle(Leg leg)
    {
        if (_unwanted[(int)leg] || _stopped[(int)leg] || (leg == Leg.Client && _isClientFull))
        {
            Pair.Pause(leg);
        }
        else
        {
            Pair.Resume(leg);
        }
    }
}
