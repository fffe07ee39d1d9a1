using System.Diagnostics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Preamble;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Introduction;

/// <summary>
/// Agrees with a relay on TLS and on who the client is before the session hears that it is connected. A relay with which that cannot be
/// agreed is left for another, as one that cannot be reached is; so no octet of a client gets to a relay that is not as it must be.
/// </summary>
/// <param name="context">The session.</param>
/// <param name="log">Tells which relays are not told of their clients.</param>
internal sealed class PreambleFilter(SessionContext context, IntroductionLog log) : SessionFilter
{
    private static readonly byte[] Quit = "QUIT\r\n"u8.ToArray();
    private RelayPreamble? _preamble;
    private PreamblePlan? _plan;
    private RelayTls? _relay;
    private PreambleRecord _record = null!;
    private bool _shakesAtOnce;
    private bool _isLeft;
    private bool _isShut;

    public override int Unsent => _isLeft ? 0 : Outward.Unsent;

    public override void Dial(in RelayTarget target)
    {
        if (context.Tls is { } tls)
        {
            tls.Identified = null;
        }

        (_preamble, _isLeft, _isShut, _relay, _shakesAtOnce) = (null, false, false, target.Tls, false);
        _plan = PreamblePlan.For(target, context.Tls is not null, context.ClientAddress, context.LocalAddress);
        Outward.Dial(target);
    }

    public override void Dialled(in DialNote dial)
    {
        if (dial.Outcome != DialOutcome.Connected)
        {
            Inward.Dialled(dial);
            return;
        }

        _record = new PreambleRecord(dial.Result, context.Pair.Now);
        if (_relay is { } relay && context.Tls?.RelayAtOnce(relay) is { } shake)
        {
            _shakesAtOnce = true;
            context.Pair.Secure(Leg.Relay, shake, context.Tls.Patience);
        }
        else
        {
            Begin(dial);
        }
    }

    public override void FromRelay(ReadOnlySpan<byte> octets, Origin origin)
    {
        if (_preamble is { } preamble)
        {
            var move = preamble.Heard(octets);
            context.Telemetry.Metrics.RelayOffers(preamble.TakeOffer());
            Do(move);
        }
        else if (!_isLeft)
        {
            Inward.FromRelay(octets, origin);
        }
    }

    public override void RelayEnded(EndKind how)
    {
        if (_preamble is { } preamble)
        {
            var move = preamble.Ended();
            Do(move);
            if (move.Kind == MoveKind.HandOver)
            {
                Inward.RelayEnded(how);
            }
        }
        else if (!_isLeft)
        {
            Inward.RelayEnded(how);
        }
        else
        {
            context.Pair.CancelTimer(PairTimer.RelayHandshake);
        }
    }

    public override bool TimedOut(PairTimer timer)
    {
        if (timer != PairTimer.RelayHandshake)
        {
            return false;
        }

        if (_preamble is { Awaited: not PreambleStep.Handshake } preamble)
        {
            Do(preamble.TimedOut());
        }
        else if (_isLeft)
        {
            Outward.ResetRelay();
        }

        return true;
    }

    public override bool Secured(in TlsHandshake handshake)
    {
        if (handshake.Leg != Leg.Relay)
        {
            return false;
        }

        if (_shakesAtOnce)
        {
            _shakesAtOnce = false;
            SecuredAtOnce(handshake);
            return true;
        }

        if (_preamble is { Awaited: PreambleStep.Handshake } preamble)
        {
            Do(preamble.Secured(handshake.Succeeded));
            return true;
        }

        return false;
    }

    public override void FromClient(ReadOnlySpan<byte> octets)
    {
        if (!_isLeft)
        {
            Outward.FromClient(octets);
        }
    }

    public override void Splice(Leg from, long octets)
    {
        if (!_isLeft)
        {
            Outward.Splice(from, octets);
        }
    }

    public override void ShutRelay()
    {
        if (_preamble is null && !_isLeft && !_shakesAtOnce)
        {
            Outward.ShutRelay();
        }
        else
        {
            // What the proxy says itself comes first.
            _isShut = true;
        }
    }

    public override void ResetRelay()
    {
        Leave();
        Outward.ResetRelay();
    }

    private void SecuredAtOnce(in TlsHandshake handshake)
    {
        if (handshake.Succeeded)
        {
            Begin(_record.Connected(context.Pair.Now));
        }
        else
        {
            Inward.Dialled(_record.Failed(DialOutcome.TlsFailed, handshake.Failure!.Message, context.Pair.Now));
        }
    }

    /// <summary>The relay can be talked to.</summary>
    private void Begin(in DialNote connected)
    {
        if (_plan is null)
        {
            Inward.Dialled(connected);
            ShutIfAsked();
            return;
        }

        _record.Begin(context.Pair.Now);
        _preamble = new RelayPreamble(_plan);
        context.Pair.SetTimer(PairTimer.RelayHandshake, context.Limits.Greeting);
    }

    private void Do(PreambleMove move)
    {
        if (_preamble!.Awaited != PreambleStep.Greeting)
        {
            _record.Greeted(context.Pair.Now);
        }

        switch (move.Kind)
        {
            case MoveKind.Say:
                AwaitReply();
                Outward.FromClient(move.Octets);
                break;
            case MoveKind.Shake:
                context.Pair.CancelTimer(PairTimer.RelayHandshake);
                context.Pair.Secure(Leg.Relay, context.Tls!.Relay(_relay!), context.Tls.Patience);
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

    /// <summary>All replies after the greeting have the time of one, so that a relay that answers octet by
    /// octet holds nobody longer.</summary>
    private void AwaitReply()
    {
        var left = context.Limits.Reply - Stopwatch.GetElapsedTime(_record.GreetedAt, context.Pair.Now);
        context.Pair.SetTimer(PairTimer.RelayHandshake, left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private void Leave()
    {
        if (_isLeft || _preamble is { Awaited: not PreambleStep.Handshake })
        {
            context.Pair.CancelTimer(PairTimer.RelayHandshake);
        }

        (_preamble, _isLeft, _shakesAtOnce) = (null, false, false);
    }

    /// <summary>The session is connected, and greeted.</summary>
    private void GoOn(byte[] greeting)
    {
        var preamble = _preamble!;
        Leave();
        if (context.Tls is { } tls)
        {
            tls.Identified = preamble.Identified;
        }

        if (preamble.XClientCode is not null)
        {
            log.Went(context.Telemetry.Destination, context.Pair.Now);
        }

        Connected(preamble, greeting);
        ShutIfAsked();
    }

    private void ShutIfAsked()
    {
        if (_isShut)
        {
            Outward.ShutRelay();
        }
    }

    /// <summary>The client hears that it is turned away, and that is all: the relay is left, and hears nothing of the client.</summary>
    private void Part(byte[] refusal)
    {
        var preamble = _preamble!;
        Leave();
        _isLeft = true;
        Outward.FromClient(Quit);
        Outward.ShutRelay();
        context.Pair.SetTimer(PairTimer.RelayHandshake, SessionTimers.Linger);
        Connected(preamble, refusal);
        Inward.RelayEnded(EndKind.Fin);
    }

    private void Note(RelayPreamble preamble)
    {
        using var change = context.Telemetry.Change();
        context.Telemetry.Introduced(_record.NoteOf(preamble, context.Pair.Now));
    }

    private void Connected(RelayPreamble preamble, byte[] greeting)
    {
        Note(preamble);
        Inward.Dialled(_record.Connected(context.Pair.Now));
        if (greeting.Length > 0)
        {
            Inward.FromRelay(greeting, Origin.Relay);
        }
    }

    /// <summary>As good as no relay.</summary>
    private void Fail(PreambleMove move)
    {
        var preamble = _preamble!;
        Leave();
        if (move.Outcome is DialOutcome.IntroductionFailed or DialOutcome.IntroductionRefused)
        {
            log.Failed(context.Telemetry.Destination, move.Why, context.Pair.Now);
        }

        Note(preamble);
        Outward.ResetRelay();
        Inward.Dialled(_record.Failed(move.Outcome, move.Why, context.Pair.Now));
    }
}
