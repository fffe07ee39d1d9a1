using System.Net;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>
/// Lets faults strike, where they are enabled. While no rule is armed it hands everything on. From the moment on that one is (and the
/// session is between two transactions), both directions go through gates that know what each element is.
/// </summary>
internal sealed class FaultFilter : SessionFilter, IDials
{
    private readonly SessionContext _context;
    private readonly ClientEnd _session;
    private readonly IFaultEngine _engine;
    private readonly FaultedSession _its;
    private readonly FaultWire _wire;
    private readonly DialGate _dial;
    private readonly TimeGate _times;

    public FaultFilter(SessionContext context, ClientEnd session, IFaultEngine engine, string listener, string cluster)
    {
        (_context, _session, _engine) = (context, session, engine);
        _wire = new FaultWire(context, session, () => Outward);
        _its = new FaultedSession(context, _wire, engine, new FaultFacts
        {
            Listener = listener,
            Cluster = cluster,
            Client = AddressOf(context.ClientAddress),
            OffersTls = context.Tls is { Rules.Mode: ListenerTlsMode.StartTls },
        });
        _dial = new DialGate(context, _its, this);
        _times = new TimeGate(_its);
        _wire.CancelDial = _dial.Cancel;
    }

    /// <summary>Something is held, so that no limit of time may run out.</summary>
    public bool IsHolding => _wire.IsHolding;

    public override int Unsent => Outward.Unsent + _wire.ToRelay.Waiting + (_its.Gates?.Commands.Backlog ?? 0);

    public override void Dial(in RelayTarget target) => _dial.Dial(target);

    void IDials.DialNow(in RelayTarget target)
    {
        _wire.IsRelayConnected = false;
        Outward.Dial(target);
    }

    void IDials.AnswerDial(in DialNote dial) => Inward.Dialled(dial);

    public override void Dialled(in DialNote dial)
    {
        _wire.IsRelayConnected = dial.Outcome == DialOutcome.Connected;
        Inward.Dialled(dial);
    }

    /// <summary>The session has begun.</summary>
    public void HasBegun() => _times.WatchAge();

    /// <summary>The client says this, and the session hears it.</summary>
    public void ClientSpeaks(ReadOnlySpan<byte> octets)
    {
        _its.Look();
        JoinIfArmed();
        _wire.IsClientSpeaking = true;
        _session.FromClient(octets);
        _wire.IsClientSpeaking = false;
        _its.Gates?.Slots.Advance();
        _times.WatchSilence();
    }

    public override void FromClient(ReadOnlySpan<byte> octets)
    {
        if (_its.Gates is { } gates)
        {
            gates.Commands.Take(octets);
        }
        else
        {
            _wire.ToRelay.Write(octets);
        }
    }

    public override void ShutRelay()
    {
        if (_its.Gates is { } gates)
        {
            gates.Commands.Shut();
        }
        else
        {
            _wire.ToRelay.Shut();
        }
    }

    public override void ResetRelay()
    {
        Drop();
        Outward.ResetRelay();
    }

    public override void Splice(Leg from, long octets)
    {
        // What is gated, or slowed down, has to pass by here.
        if (_its.Gates is null && !_wire.IsHolding && !_wire.IsThrottled)
        {
            Outward.Splice(from, octets);
        }
    }

    public override void FromRelay(ReadOnlySpan<byte> octets, Origin origin)
    {
        _its.Look();
        if (_wire.IsRelayGone)
        {
            // It was taken away; what it still says is for nobody.
        }
        else if (_its.Gates is { } gates)
        {
            gates.Replies.Take(octets, origin);
        }
        else
        {
            Inward.FromRelay(octets, origin);
        }
    }

    public override void RelayEnded(EndKind how)
    {
        _its.Gates?.Replies.DecideNow();
        // Once it was taken away it is decided what its end is to the client.
        if (!_wire.IsRelayGone && !_wire.IsOver && (_its.Gates is null || _its.Gates.Slots.RelayEnded(how)))
        {
            Inward.RelayEnded(how);
        }

        _its.Gates?.Slots.PeerClosed();
    }

    /// <summary>The client says no more, and the session hears it.</summary>
    public void ClientEnded(EndKind how)
    {
        _times.ClientEnded();
        if (how == EndKind.Reset)
        {
            Drop();
        }

        _session.ClientEnded(how);
        _its.Gates?.Slots.PeerClosed();
    }

    public override bool Secured(in TlsHandshake handshake)
    {
        if (handshake is { Leg: Leg.Client, Succeeded: true })
        {
            // Both dialogues begin anew.
            (_its.Facts.IsTlsTerminated, _its.Facts.IsOpaque) = (true, false);
            // What is held of the client here was said in the clear, behind STARTTLS (RFC 3207, section 4.2; CVE-2011-0411).
            _wire.ToRelay.ForgetWaiting();
            _its.Gates?.Secured();
        }

        return false;
    }

    public override bool TimedOut(PairTimer timer)
    {
        if (timer != PairTimer.Spare)
        {
            // Nobody is late while we hold what he waits for.
            return _wire.IsHolding && _context.Timers.Postpone(timer);
        }

        while (_wire.Timers.TakeDue() is { } due)
        {
            Fire(due);
        }

        return true;
    }

    public override void Signalled(SessionSignal signal)
    {
        if (signal == SessionSignal.FaultsDecided)
        {
            _dial.Decided();
            _its.Gates?.Commands.Decided();
            _its.Gates?.Replies.Decided();
            _times.Decided();
        }
        else if (signal != SessionSignal.LookAtFaults)
        {
            // A stop waits for no fault.
            ReleaseAll();
            Inward.Signalled(signal);
        }
        else if (_engine.IsHalted)
        {
            ReleaseAll();
        }
        else
        {
            JoinIfArmed();
            _times.WatchAge();
            _times.WatchSilence();
        }
    }

    /// <summary>Whether what had waited was read since this was asked last.</summary>
    public bool TakeWentOn() => _its.Gates is { } gates && gates.Commands.TakeWentOn();

    /// <summary>What was not taken is: the session reads on.</summary>
    public override void Settle()
    {
        _wire.PauseIfFull();
        if (_its.Gates is { } gates)
        {
            gates.Slots.Settle();
            if (_wire is { IsRelayGone: true, IsEndTold: false, IsOver: false } && gates is
                { Commands.HasFinished: true, Slots: { IsEmpty: true, IsEndTold: false } })
            {
                // Both sides are silent for good, and the relay that would have ended the session is none any more.
                _wire.EndAll(EndKind.Fin);
            }
        }

        foreach (var leg in (ReadOnlySpan<Leg>)[Leg.Client, Leg.Relay])
        {
            if (_session.IsBlocked(leg) && (leg == Leg.Client ? _context.Client.Unsent : Unsent) == 0)
            {
                _session.Drained(leg);
            }
        }
    }

    /// <summary>Both connections are closed; the session is told after this.</summary>
    public void Closed()
    {
        _dial.Cancel();
        _its.Gates?.Over();
        _its.Faults.Over();
    }

    /// <summary>The session is over.</summary>
    public override void Over() => _engine.SessionOver(_context.Telemetry.IsFaulted, _session.HasFailed);

    private static IPAddress AddressOf(EndPoint client) => client is IPEndPoint ip ? ip.Address.Unmapped() : IPAddress.None;

    /// <summary>A rule was armed while the session was going on: it is looked at from here, where nothing is half said.</summary>
    private void JoinIfArmed()
    {
        // What waits in the guard would pass the gates unseen.
        if (_its.Gates is null && _its.Faults.IsArmed && _session.IsAtRest && Outward.IsClear)
        {
            _its.Join(_context.Dialogue.Protocol);
        }
    }

    private void Fire(FaultTimer due)
    {
        switch (due)
        {
            case FaultTimer.Dial:
                _dial.Continue();
                break;
            case FaultTimer.Forward:
                _its.Gates?.Commands.Continue();
                break;
            case FaultTimer.Slot:
                _its.Gates?.Slots.Continue();
                break;
            case FaultTimer.ToClient:
                _wire.ToClient.Flush();
                break;
            case FaultTimer.ToRelay:
                _wire.ToRelay.Flush();
                break;
            default:
                JoinIfArmed();
                _times.Strike(due == FaultTimer.Idle ? FaultPoint.Idle : FaultPoint.Elapsed);
                if (due == FaultTimer.Elapsed)
                {
                    _times.WatchAge();
                }

                break;
        }
    }

    private void ReleaseAll()
    {
        _dial.Continue();
        _wire.Unthrottle();
        _its.Gates?.Commands.Continue(isReleased: true);
        _its.Gates?.Replies.DecideNow();
        _its.Gates?.Slots.ReleaseAll();
    }

    private void Drop()
    {
        _its.Gates?.Commands.Drop();
        _wire.ToRelay.Forget();
        _dial.Cancel();
    }
}
