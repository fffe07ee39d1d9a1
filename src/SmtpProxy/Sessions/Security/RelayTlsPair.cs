using System.Text;
using SmtpProxy.Sessions.Introduction;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Sessions.Security;

/// <summary>
/// Gets a relay to speak TLS by STARTTLS (RFC 3207) before the session hears that it is connected: takes the greeting, says EHLO and STARTTLS, and
/// lets them shake hands. Only then the session is told of the connection, and gets the greeting that was kept; so a relay whose TLS does not do is
/// left for another, as one that cannot be reached is.
/// </summary>
internal sealed class RelayTlsPair(IPairHandler handler, SessionTls tls, TlsPair pair, SessionTelemetry telemetry, SessionLimits limits) : PassingPair
{
    private const string NotOffered = "the relay does not offer STARTTLS";
    private Step _step;
    private RelayTls? _relay;
    private DialResult _connected;
    private ReplyCollector _reply = new();
    private byte[] _greeting = [];
    private byte[]? _identified;
    private long _began;
    private long _greeted;
    private int _sent;
    private int _received;

    /// <summary>What is waited for.</summary>
    private enum Step
    {
        None,
        Greeting,
        Ehlo,
        StartTls,
        Handshake,
    }

    protected override IPairHandler Handler => handler;

    public override void Dial(in DialTarget target)
    {
        tls.Identified = null;
        (_step, _relay) = (Step.None, target.Tls is { Mode: RelayTlsMode.Opportunistic or RelayTlsMode.Required } relay ? relay : null);
        base.Dial(target);
    }

    public override void Dialled(in DialResult result)
    {
        if (_relay is null || result.Outcome != DialOutcome.Connected)
        {
            base.Dialled(result);
            return;
        }

        (_connected, _began, _greeting, _identified, _sent, _received) = (result, Pair.Now, [], null, 0, 0);
        Await(Step.Greeting, limits.Greeting);
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Client || _step == Step.None)
        {
            base.Received(from, octets);
            return;
        }

        var taken = _reply.Take(octets);
        _received += taken;
        // Nothing may stand behind a reply before the next command was sent; behind the 220 to STARTTLS it may be anybody's (CVE-2011-0411).
        if (_reply.IsHopeless || taken < octets.Length)
        {
            if (_step == Step.Greeting)
            {
                GoOn(_reply.Octets, octets[taken..]);
            }
            else
            {
                Fail(_step == Step.StartTls ? "the relay says something in the clear behind its answer to STARTTLS" : "the relay says what nobody asked for");
            }
        }
        else if (_reply.Code is { } code)
        {
            Answered(code);
        }
    }

    public override void Ended(Leg from, EndKind how)
    {
        if (from == Leg.Client || _step == Step.None)
        {
            base.Ended(from, how);
        }
        else if (_step == Step.Greeting)
        {
            // What there is of a greeting, and the end, are the session's to judge.
            GoOn(_reply.Octets, []);
            base.Ended(from, how);
        }
        else
        {
            Fail("the relay closed the connection before TLS was established");
        }
    }

    public override void TimedOut(PairTimer timer)
    {
        if (timer != PairTimer.RelayHandshake || _step == Step.None)
        {
            base.TimedOut(timer);
        }
        else
        {
            Fail(_step == Step.Greeting ? "the relay sent no greeting in time" : $"the relay did not answer {(_step == Step.Ehlo ? "EHLO" : "STARTTLS")} in time");
        }
    }

    public override void Secured(in TlsHandshake handshake)
    {
        if (handshake.Leg == Leg.Client || _step != Step.Handshake)
        {
            base.Secured(handshake);
        }
        else if (handshake.Succeeded)
        {
            GoOn(_greeting, []);
        }
        else
        {
            Fail("the handshake failed");
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

    public override void Shut(Leg leg)
    {
        if (leg == Leg.Relay)
        {
            Leave();
        }

        base.Shut(leg);
    }

    private void Answered(int code)
    {
        switch (_step)
        {
            case Step.Greeting when code != 220:
                // It takes nobody now, or not the proxy: that is the client's to hear.
                GoOn(_reply.Octets, []);
                break;
            case Step.Greeting:
                (_greeting, _greeted) = (_reply.Octets, Pair.Now);
                Say(Step.Ehlo, $"EHLO {_relay!.HelloName}\r\n");
                break;
            case Step.Ehlo when code == 250:
                // It has been told a name: should there be no TLS, it may not take another.
                _identified = _reply.Octets;
                AskForTls();
                break;
            case Step.StartTls when code == 220:
                Leave();
                _step = Step.Handshake;
                pair.Secure(Leg.Relay, tls.Relay(_relay!));
                break;
            default:
                GoWithout(_step == Step.StartTls ? $"the relay answers STARTTLS with {code}" : NotOffered);
                break;
        }
    }

    private void AskForTls()
    {
        if (EhloReply.Offers(_identified, "STARTTLS"u8))
        {
            Say(Step.StartTls, "STARTTLS\r\n");
        }
        else
        {
            GoWithout(NotOffered);
        }
    }

    private void GoWithout(string why)
    {
        if (_relay!.Mode == RelayTlsMode.Opportunistic)
        {
            tls.Identified = _identified;
            GoOn(_greeting, []);
        }
        else
        {
            Fail(why);
        }
    }

    private void Say(Step next, string command)
    {
        var octets = Encoding.ASCII.GetBytes(command);
        _sent += octets.Length;
        Await(next, limits.Reply);
        Pair.Send(Leg.Relay, octets);
    }

    private void Await(Step next, TimeSpan patience)
    {
        (_step, _reply) = (next, new ReplyCollector());
        Pair.SetTimer(PairTimer.RelayHandshake, patience);
    }

    private void Leave()
    {
        if (_step is not (Step.None or Step.Handshake))
        {
            Pair.CancelTimer(PairTimer.RelayHandshake);
        }

        _step = Step.None;
    }

    /// <summary>The session is connected, and greeted.</summary>
    private void GoOn(byte[] greeting, ReadOnlySpan<byte> behind)
    {
        Leave();
        telemetry.SpokeFirst(_sent, _received - greeting.Length);
        handler.Dialled(_connected with
        {
            KeptBack = Pair.Now - _began,
            GreetingTook = (_greeted == 0 ? Pair.Now : _greeted) - _began,
        });
        if (greeting.Length > 0)
        {
            handler.Received(Leg.Relay, greeting);
        }

        if (!behind.IsEmpty)
        {
            handler.Received(Leg.Relay, behind);
        }
    }

    /// <summary>There is no TLS with this relay: as good as no relay.</summary>
    private void Fail(string why)
    {
        Leave();
        telemetry.SpokeFirst(_sent, _received);
        Pair.Reset(Leg.Relay);
        handler.Dialled(new DialResult(DialOutcome.TlsFailed, null, null, why) { KeptBack = Pair.Now - _began });
    }
}
