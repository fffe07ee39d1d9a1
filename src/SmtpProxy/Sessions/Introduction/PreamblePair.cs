using System.Diagnostics;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;
using SmtpProxy.Upstreams.Preamble;

namespace SmtpProxy.Sessions.Introduction;

/// <summary>
/// Agrees with a relay on TLS and on who the client is before the session hears that it is connected. A relay with which that cannot be agreed is left
/// for another, as one that cannot be reached is; so no octet of a client gets to a relay that is not as it must be. Until then the client waits.
/// </summary>
/// <param name="session">Who talks to the relay afterwards.</param>
/// <param name="telemetry">The session's record.</param>
/// <param name="limits">How long the relay may take.</param>
/// <param name="log">Tells which relays are not told of their clients.</param>
/// <param name="tls">Knows what is believed of the relay's TLS; null: there is none to speak here.</param>
/// <param name="encryption">Encrypts; null as above.</param>
internal sealed class PreamblePair(
    IPairHandler session, SessionTelemetry telemetry, SessionLimits limits, IntroductionLog log, SessionTls? tls = null, TlsPair? encryption = null) : PassingPair
{
    private static readonly byte[] Quit = "QUIT\r\n"u8.ToArray();
    private RelayPreamble? _preamble;
    private PreamblePlan? _plan;
    private RelayTls? _relay;
    private DialResult _connected;
    private bool _isLeft;
    private bool _isShut;
    private long _began;
    private long _greeted;
    private int _sent;
    private int _received;

    protected override IPairHandler Handler => session;

    public override void Dial(in DialTarget target)
    {
        if (tls is not null)
        {
            tls.Identified = null;
        }

        (_preamble, _isLeft, _isShut, _relay) = (null, false, false, target.Tls);
        var mode = encryption is null ? RelayTlsMode.None : target.Tls?.Mode ?? RelayTlsMode.None;
        var plan = new PreamblePlan(target.IntroduceAs ?? target.Tls?.HelloName ?? "")
        {
            IsLmtp = target.Tls?.IsLmtp == true,
            WantsTls = mode is RelayTlsMode.Opportunistic or RelayTlsMode.Required,
            NeedsTls = mode == RelayTlsMode.Required,
            Introduces = target.IntroduceAs is not null,
            Client = Pair.Client,
            Local = Pair.Local,
        };
        _plan = plan.WantsTls || plan.Introduces ? plan : null;
        base.Dial(target);
    }

    public override void Dialled(in DialResult result)
    {
        if (_plan is null || result.Outcome != DialOutcome.Connected)
        {
            base.Dialled(result);
            return;
        }

        (_preamble, _connected, _began, _greeted, _sent, _received) = (new RelayPreamble(_plan), result, Pair.Now, 0, 0, 0);
        Pair.SetTimer(PairTimer.RelayHandshake, limits.Greeting);
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Relay && _preamble is { } preamble)
        {
            _received += octets.Length;
            Do(preamble.Heard(octets));
        }
        else if (from == Leg.Client || !_isLeft)
        {
            base.Received(from, octets);
        }
    }

    public override void Ended(Leg from, EndKind how)
    {
        if (from == Leg.Relay && _preamble is { } preamble)
        {
            var move = preamble.Ended();
            Do(move);
            if (move.Kind == MoveKind.HandOver)
            {
                base.Ended(from, how);
            }
        }
        else if (from == Leg.Client || !_isLeft)
        {
            base.Ended(from, how);
        }
        else
        {
            Pair.CancelTimer(PairTimer.RelayHandshake);
        }
    }

    public override void TimedOut(PairTimer timer)
    {
        if (timer == PairTimer.RelayHandshake && _preamble is { Awaited: not PreambleStep.Handshake } preamble)
        {
            Do(preamble.TimedOut());
        }
        else if (timer == PairTimer.RelayHandshake && _isLeft)
        {
            base.Reset(Leg.Relay);
        }
        else
        {
            base.TimedOut(timer);
        }
    }

    public override void Secured(in TlsHandshake handshake)
    {
        if (handshake.Leg == Leg.Relay && _preamble is { Awaited: PreambleStep.Handshake } preamble)
        {
            Do(preamble.Secured(handshake.Succeeded));
        }
        else
        {
            base.Secured(handshake);
        }
    }

    public override void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        if (to == Leg.Client || !_isLeft)
        {
            base.Send(to, octets);
        }
    }

    public override int Unsent(Leg to) => to == Leg.Relay && _isLeft ? 0 : base.Unsent(to);

    public override void Splice(Leg from, long octets)
    {
        if (!_isLeft)
        {
            base.Splice(from, octets);
        }
    }

    public override void Shut(Leg leg)
    {
        if (leg == Leg.Client || (_preamble is null && !_isLeft))
        {
            base.Shut(leg);
        }
        else
        {
            // What the proxy says itself comes first.
            _isShut = true;
        }
    }

    public override void Reset(Leg leg)
    {
        if (leg == Leg.Relay)
        {
            Leave();
        }

        base.Reset(leg);
    }

    private void Do(PreambleMove move)
    {
        if (_greeted == 0 && _preamble!.Awaited != PreambleStep.Greeting)
        {
            _greeted = Pair.Now;
        }

        switch (move.Kind)
        {
            case MoveKind.Say:
                _sent += move.Octets.Length;
                AwaitReply();
                Pair.Send(Leg.Relay, move.Octets);
                break;
            case MoveKind.Shake:
                Pair.CancelTimer(PairTimer.RelayHandshake);
                encryption!.Secure(Leg.Relay, tls!.Relay(_relay!));
                break;
            case MoveKind.GoOn or MoveKind.HandOver:
                GoOn(move.Octets);
                break;
            case MoveKind.Refuse:
                Part(move.Octets);
                break;
            case MoveKind.Fail:
                Fail(move);
                break;
        }
    }

    /// <summary>All replies after the greeting have the time of one, so that a relay that answers octet by octet holds nobody longer.</summary>
    private void AwaitReply()
    {
        var left = limits.Reply - Stopwatch.GetElapsedTime(_greeted, Pair.Now);
        Pair.SetTimer(PairTimer.RelayHandshake, left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private void Leave()
    {
        if (_isLeft || _preamble is { Awaited: not PreambleStep.Handshake })
        {
            Pair.CancelTimer(PairTimer.RelayHandshake);
        }

        (_preamble, _isLeft) = (null, false);
    }

    /// <summary>The session is connected, and greeted.</summary>
    private void GoOn(byte[] greeting)
    {
        var preamble = _preamble!;
        Leave();
        if (tls is not null)
        {
            tls.Identified = preamble.Identified;
        }

        if (preamble.XClientCode is not null)
        {
            log.Went(telemetry.Destination, Pair.Now);
        }

        Connected(preamble, greeting);
        if (_isShut)
        {
            base.Shut(Leg.Relay);
        }
    }

    /// <summary>The client hears that it is turned away, and that is all: the relay is left, and hears nothing of the client.</summary>
    private void Part(byte[] refusal)
    {
        var preamble = _preamble!;
        Leave();
        _isLeft = true;
        _sent += Quit.Length;
        Pair.Send(Leg.Relay, Quit);
        Pair.Shut(Leg.Relay);
        Pair.SetTimer(PairTimer.RelayHandshake, Parting.Linger);
        Connected(preamble, refusal);
        session.Ended(Leg.Relay, EndKind.Fin);
    }

    private void Connected(RelayPreamble preamble, byte[] greeting)
    {
        telemetry.Introduced(NoteOf(preamble), _sent, _received - greeting.Length);
        session.Dialled(_connected with { KeptBack = Pair.Now - _began, GreetingTook = _greeted - _began });
        if (greeting.Length > 0)
        {
            session.Received(Leg.Relay, greeting);
        }
    }

    /// <summary>As good as no relay.</summary>
    private void Fail(PreambleMove move)
    {
        var preamble = _preamble!;
        Leave();
        if (move.Outcome is DialOutcome.IntroductionFailed or DialOutcome.IntroductionRefused)
        {
            log.Failed(telemetry.Destination, move.Why, Pair.Now);
        }

        telemetry.Introduced(NoteOf(preamble), _sent, _received);
        base.Reset(Leg.Relay);
        session.Dialled(new DialResult(move.Outcome, null, null, move.Why) { KeptBack = Pair.Now - _began });
    }

    /// <summary>What came of it, and how long it took from the greeting on.</summary>
    private IntroductionNote? NoteOf(RelayPreamble preamble) =>
        preamble.XClientCode is { } code ? new IntroductionNote(code, preamble.Attributes, Pair.Now - _greeted) : null;
}
