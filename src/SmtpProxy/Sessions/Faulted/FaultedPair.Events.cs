using System.Diagnostics;
using System.Net;
using SmtpProxy.Faults;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What the transport tells, and what of it the session hears.</summary>
internal sealed partial class FaultedPair
{
    private bool _clientEnded;

    void IPairHandler.Accepted(IPair pair)
    {
        _pair = pair;
        _wire = new FaultedWire(pair, _session, _telemetry, _tls);
        _began = pair.Now;
        _facts = new FaultFacts
        {
            Listener = _listener,
            Cluster = _cluster,
            Client = AddressOf(pair.Client),
            OffersTls = _tls is { Rules.Mode: ListenerTlsMode.StartTls },
        };
        _faults = _engine.Open(_facts);
        if (_faults.IsArmed)
        {
            _gates = new Gates(_wire, _faults, _facts, joined: null);
        }

        Handler.Accepted(this);
        WatchAge();
        SettleBacklog();
    }

    void IPairHandler.Dialled(in DialResult result)
    {
        Handler.Dialled(result);
        SettleBacklog();
    }

    void IPairHandler.Received(Leg from, ReadOnlySpan<byte> octets)
    {
        _facts.Elapsed = Stopwatch.GetElapsedTime(_began, _pair.Now);
        if (from == Leg.Client)
        {
            Join();
            _wire.Heard(octets);
            _gates?.Slots.Advance();
            WatchSilence();
        }
        else if (_wire.IsRelayGone)
        {
            // It was taken away; what it still says is for nobody.
        }
        else if (_gates is { } gates)
        {
            gates.Replies.Take(octets);
        }
        else
        {
            Handler.Received(Leg.Relay, octets);
        }

        SettleBacklog();
    }

    void IPairHandler.Secured(in TlsHandshake handshake)
    {
        if (handshake is { Leg: Leg.Client, Succeeded: true })
        {
            (_facts.IsTlsTerminated, _facts.IsOpaque) = (true, false);
            _gates?.Secured();
        }

        Handler.Secured(handshake);
        SettleBacklog();
    }

    void IPairHandler.Spliced(Leg from, long octets) => Handler.Spliced(from, octets);

    void IPairHandler.Ended(Leg from, EndKind how)
    {
        if (from == Leg.Relay)
        {
            RelayEnded(how);
        }
        else
        {
            _clientEnded = true;
            if (how == EndKind.Reset)
            {
                _gates?.Commands.Drop();
                _wire.ToRelay.Drop();
                CancelDial();
            }

            Handler.Ended(Leg.Client, how);
        }

        _gates?.Slots.PeerClosed();
        SettleBacklog();
    }

    void IPairHandler.Drained(Leg to)
    {
        (to == Leg.Client ? _wire.ToClient : _wire.ToRelay).Flush();
        _owesDrained[(int)to] = true;
        SettleBacklog();
    }

    void IPairHandler.TimedOut(PairTimer timer)
    {
        if (timer == PairTimer.Fault)
        {
            while (_wire.Timers.TakeDue() is { } due)
            {
                Fire(due);
            }
        }
        else if (timer != PairTimer.Session && _wire.IsHolding)
        {
            // Nobody is late while we hold what he waits for.
            _postponed[(int)timer] = true;
        }
        else
        {
            Handler.TimedOut(timer);
        }

        SettleBacklog();
    }

    void IPairHandler.Signalled(int what)
    {
        if (what != (int)SessionAsk.LookAtFaults)
        {
            // A stop waits for no fault.
            ReleaseAll();
            Handler.Signalled(what);
        }
        else if (_engine.IsHalted)
        {
            ReleaseAll();
        }
        else
        {
            Join();
            WatchAge();
            WatchSilence();
        }

        SettleBacklog();
    }

    void IPairHandler.Closed()
    {
        if (_dialHeldSince >= 0)
        {
            EndDialHold();
        }

        Report();
        _gates?.Over();
        _faults.Over();
        Handler.Closed();
        _engine.SessionOver(
            _telemetry.IsFaulted, _session.Outcome is SessionOutcome.RelayGone or SessionOutcome.Timeout or SessionOutcome.ConnectFailed);
    }

    private static IPAddress AddressOf(EndPoint client) => client is IPEndPoint ip
        ? ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address
        : IPAddress.None;

    /// <summary>A rule was armed while the session was going on: it is looked at from here, where nothing is half said.</summary>
    private void Join()
    {
        if (_gates is null && _faults.IsArmed && _session.IsAtRest)
        {
            (_facts.Session, _facts.Destination) = (_telemetry.Id, _telemetry.Destination);
            _gates = new Gates(_wire, _faults, _facts, _session.Protocol);
        }
    }

    private void RelayEnded(EndKind how)
    {
        if (_wire.IsRelayGone || _wire.IsOver)
        {
            return;
        }

        if (_gates is null || _gates.Slots.RelayEnded(how))
        {
            Handler.Ended(Leg.Relay, how);
        }
    }

    private void Fire(FaultTimer due)
    {
        switch (due)
        {
            case FaultTimer.Dial:
                DialHeld();
                break;
            case FaultTimer.Forward:
                _gates?.Commands.Continue();
                break;
            case FaultTimer.Slot:
                _gates?.Slots.Continue();
                break;
            case FaultTimer.ToClient:
                _wire.ToClient.Flush();
                break;
            case FaultTimer.ToRelay:
                _wire.ToRelay.Flush();
                break;
            case FaultTimer.Idle:
                Strike(FaultPoint.Idle);
                break;
            default:
                Strike(FaultPoint.Elapsed);
                WatchAge();
                break;
        }
    }

    /// <summary>Something happens to the session that is no answer to anything.</summary>
    private void Strike(FaultPoint point)
    {
        Join();
        _facts.Elapsed = Stopwatch.GetElapsedTime(_began, _pair.Clock());
        if (_gates is { } gates && !_wire.IsOver && _faults.OnCommand(point, _facts) is { } strike)
        {
            if (strike.Throttle is { } throttle)
            {
                _wire.Throttle(throttle);
            }

            gates.Slots.Now(new Slot(point, Protocol.Operation.Other) { Strike = strike });
        }
    }

    private void WatchAge()
    {
        if (_faults.IsArmed && _faults.NextElapsed(Stopwatch.GetElapsedTime(_began, _pair.Clock())) is { } age)
        {
            _wire.Timers.Set(FaultTimer.Elapsed, age - Stopwatch.GetElapsedTime(_began, _pair.Clock()));
        }
    }

    private void WatchSilence()
    {
        if (!_clientEnded && _faults.IsArmed && _faults.NextIdle(TimeSpan.Zero) is { } silence)
        {
            _wire.Timers.Set(FaultTimer.Idle, silence);
        }
    }

    private void ReleaseAll()
    {
        DialHeld();
        _wire.Unthrottle();
        _gates?.Commands.Continue();
        _gates?.Slots.ReleaseAll();
    }
}
