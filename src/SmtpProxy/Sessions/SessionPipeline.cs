using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Faulted;
using SmtpProxy.Sessions.Guard;
using SmtpProxy.Sessions.Introduction;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>
/// One session as its transport sees it: takes each event and gives it to whom it is for. From the client to the relay stand the session
/// itself, faults (where they are enabled), the guard, the relay's preamble (where something has to be agreed) and the relay's connection;
/// what comes of one direction passes them once, in that order or the other way. With TLS from the first octet on there
/// is no session before the handshake.
/// </summary>
/// <param name="host">Knows all sessions.</param>
/// <param name="cluster">Where it goes.</param>
/// <param name="place">What its connection holds of the limits.</param>
/// <param name="tls">TLS that the proxy speaks; null: none.</param>
/// <param name="means">What can be agreed with a relay.</param>
internal sealed class SessionPipeline(SessionHost host, string cluster, Place place, SessionTls? tls, RelayMeans means) : IPairHandler
{
    private IPair _pair = null!;
    private SessionContext? _context;
    private Session _session = null!;
    private FaultFilter? _faults;
    private GuardFilter _guard = null!;
    private PreambleFilter? _preamble;
    private RelayPort _relay = null!;

    void IPairHandler.Accepted(IPair pair)
    {
        _pair = pair;
        if (tls?.ClientAtOnce() is { } shake)
        {
            pair.Secure(Leg.Client, shake, tls.Patience);
        }
        else
        {
            Begin();
            Settle();
        }
    }

    void IPairHandler.Dialled(in DialResult result)
    {
        _relay.Answered(result);
        Settle();
    }

    void IPairHandler.Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Relay)
        {
            _relay.Received(octets);
            Settle();
            return;
        }

        _context!.Telemetry.Received(Leg.Client, octets.Length);
        _relay.ReleaseFirst();
        if (_faults is { } faults)
        {
            faults.ClientSpeaks(octets);
        }
        else
        {
            _session.FromClient(octets);
        }

        Settle();
    }

    void IPairHandler.Spliced(Leg from, long octets)
    {
        _guard.Spliced(from, octets);
        _session.Spliced(from, octets);
        Settle();
    }

    void IPairHandler.Ended(Leg from, EndKind how)
    {
        if (_context is null)
        {
            return;
        }

        if (from == Leg.Relay)
        {
            _relay.Ended(how);
        }
        else if (_faults is { } faults)
        {
            faults.ClientEnded(how);
        }
        else
        {
            _session.ClientEnded(how);
        }

        Settle();
    }

    void IPairHandler.Drained(Leg to)
    {
        if (_context is null)
        {
            return;
        }

        _guard.Drained(to);
        // Faults may keep octets of their own: they tell the session when those are gone, too.
        if (_faults is null)
        {
            _session.Drained(to);
        }

        Settle();
    }

    void IPairHandler.TimedOut(PairTimer timer)
    {
        for (SessionFilter? filter = _relay; filter is not null && !filter.TimedOut(timer); filter = filter.Next)
        {
        }

        Settle();
    }

    void IPairHandler.Signalled(int what)
    {
        if (_context is null)
        {
            return;
        }

        if (what == (int)SessionSignal.Continue)
        {
            _guard.GoOn();
        }
        else if (_faults is { } faults)
        {
            faults.Signalled((SessionSignal)what);
        }
        else
        {
            _session.Signalled((SessionSignal)what);
        }

        Settle();
    }

    void IPairHandler.Secured(in TlsHandshake handshake)
    {
        var note = tls!.Over(handshake);
        if (_context is null && !handshake.Succeeded)
        {
            RecordUnsecured(note);
            return;
        }

        if (_context is null)
        {
            Begin();
        }

        using (_context!.Telemetry.Change())
        {
            _context.Telemetry.Handshaken(note);
        }

        for (SessionFilter? filter = _relay; filter is not null && !filter.Secured(handshake); filter = filter.Next)
        {
        }

        Settle();
    }

    void IPairHandler.Closed()
    {
        if (_context is not null)
        {
            _faults?.Closed();
            _session.Closed();
            for (SessionFilter? filter = _relay; filter is not null; filter = filter.Next)
            {
                filter.Over();
            }
        }

        place.Leave();
    }

    /// <summary>With TLS from the first octet on nothing comes after a handshake that failed. For the record it was a session all
    /// the same, with its reason.</summary>
    private void RecordUnsecured(HandshakeNote note)
    {
        var telemetry = host.Telemetry.Open(place.Listener, cluster);
        var seen = new DialogueTracker(telemetry, host.ObserverFailed);
        // As with those that are secured, it begins after the handshake. Nothing of a dialogue is missing: there was to be none.
        seen.Accepted(_pair.Client, _pair.Local, note.To, note.To);
        telemetry.Handshaken(note);
        seen.Over(SessionOutcome.ClientGone, note.To);
    }

    private void Begin()
    {
        var telemetry = host.Telemetry.Open(place.Listener, cluster);
        var context = _context = new SessionContext(_pair, host.Limits, telemetry, tls, host.ObserverFailed);
        var route = new RelayRoute(host.Relays, cluster, context.Limits.Connect, means);
        _session = new Session(host, route, context);
        _faults = host.Faults is { } engine ? new FaultFilter(context, _session, engine, place.Listener, cluster) : null;
        _guard = new GuardFilter(context, host.GuardOf(place.Listener), new StartTlsTalk(tls, _pair), route);
        _preamble = means == RelayMeans.None ? null : new PreambleFilter(context, host.Introductions);
        _relay = context.Relay = new RelayPort(context);
        // Linked, and not listed: a list of them would be one more object of every session, and some more while it is made.
        _relay.Follow(_preamble).Follow(_guard).Follow(_faults).Follow(_session);
        for (SessionFilter? filter = _relay; filter is not null; filter = filter.Next)
        {
            filter.Begin();
        }

        _faults?.HasBegun();
    }

    /// <summary>After each event: goes on with what waits, and says who is read.</summary>
    private void Settle()
    {
        if (_context is null)
        {
            return;
        }

        _faults?.Settle();
        _guard.Settle();
        if (_guard.TakeWentOn())
        {
            _session.DialogueWentOn();
        }

        if (_faults is { } faults)
        {
            // The guard may have answered.
            faults.Settle();
            if (faults.TakeWentOn())
            {
                _session.DialogueWentOn();
            }

            if (!faults.IsHolding)
            {
                _context.Timers.GoOn();
            }
        }
    }
}
