using System.Net;
using SmtpProxy.Faults;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>
/// Stands between a session and its pair where faults are enabled: to the session it is a pair, to the pair a session. While no rule is armed
/// it hands everything on. From the moment on that one is (and the session is between two transactions), both directions go through gates that
/// know what each element is, and the session hears from its relay what its client is to hear.
/// </summary>
internal sealed partial class FaultedPair : IPair, IPairHandler
{
    private readonly Session _session;
    private readonly SessionTelemetry _telemetry;
    private readonly IFaultEngine _engine;
    private readonly string _listener;
    private readonly string _cluster;
    private readonly SessionTls? _tls;
    private readonly TimeSpan[] _limits = new TimeSpan[(int)PairTimer.Fault];
    private readonly bool[] _postponed = new bool[(int)PairTimer.Fault];
    private readonly bool[] _owesDrained = new bool[2];
    private IPair _pair = null!;
    private FaultedWire _wire = null!;
    private FaultFacts _facts = null!;
    private ISessionFaults _faults = null!;
    private Gates? _gates;
    private long _began;

    public FaultedPair(Session session, SessionTelemetry telemetry, IFaultEngine engine, string listener, string cluster, SessionTls? tls) =>
        (_session, _telemetry, _engine, _listener, _cluster, _tls) = (session, telemetry, engine, listener, cluster, tls);

    public long Id => _pair.Id;

    public EndPoint Client => _pair.Client;

    public EndPoint Local => _pair.Local;

    public long Now => _wire.Now;

    private IPairHandler Handler => _session;

    public long Clock() => _wire.Clock();

    public void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        if (to == Leg.Client)
        {
            _wire.SendToClient(octets);
        }
        else if (_gates is { } gates)
        {
            gates.Commands.Take(octets);
        }
        else
        {
            _wire.ToRelay.Write(octets);
        }
    }

    public int Unsent(Leg to)
    {
        var unsent = _pair.Unsent(to) + (to == Leg.Client ? _wire.ToClient.Waiting : _wire.ToRelay.Waiting + (_gates?.Commands.Backlog ?? 0));
        _owesDrained[(int)to] |= unsent > 0;
        return unsent;
    }

    public void Shut(Leg leg)
    {
        if (leg == Leg.Client)
        {
            _wire.ToClient.Shut();
        }
        else if (_gates is { } gates)
        {
            gates.Commands.Shut();
        }
        else
        {
            _wire.ToRelay.Shut();
        }
    }

    public void Reset(Leg leg)
    {
        if (leg == Leg.Client)
        {
            _wire.ToClient.Drop();
        }
        else
        {
            _gates?.Commands.Drop();
            _wire.ToRelay.Drop();
            CancelDial();
        }

        _pair.Reset(leg);
    }

    public void Pause(Leg from) => _wire.Read(from, false);

    public void Resume(Leg from) => _wire.Read(from, true);

    public void SetTimer(PairTimer timer, TimeSpan after)
    {
        (_limits[(int)timer], _postponed[(int)timer]) = (after, false);
        _pair.SetTimer(timer, after);
    }

    public void CancelTimer(PairTimer timer)
    {
        _postponed[(int)timer] = false;
        _pair.CancelTimer(timer);
    }

    public void Splice(Leg from, long octets)
    {
        // What is gated, or slowed down, has to pass by here.
        if (_gates is null && !_wire.IsHolding && !_wire.IsThrottled)
        {
            _pair.Splice(from, octets);
        }
    }

    public void Signal(int what) => _pair.Signal(what);

    /// <summary>What was not taken is: the session reads on.</summary>
    private void SettleBacklog()
    {
        _wire.PauseIfFull();
        foreach (var leg in (ReadOnlySpan<Leg>)[Leg.Client, Leg.Relay])
        {
            if (_owesDrained[(int)leg] && Unsent(leg) == 0)
            {
                _owesDrained[(int)leg] = false;
                Handler.Drained(leg);
            }
        }

        if (_wire.IsHolding)
        {
            return;
        }

        for (var timer = 0; timer < _postponed.Length; timer++)
        {
            if (_postponed[timer])
            {
                // Whoever was waited for could do nothing: it has its whole time again.
                _postponed[timer] = false;
                _pair.SetTimer((PairTimer)timer, _limits[timer]);
            }
        }
    }
}
