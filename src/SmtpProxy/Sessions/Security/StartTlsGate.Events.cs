using SmtpProxy.Protocol;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Sessions.Security;

/// <content>What is told from below, and what of it is heard above. Behind each event whatever is due is answered: never inside a request.</content>
internal sealed partial class StartTlsGate
{
    private static readonly byte[] StartTls = "STARTTLS"u8.ToArray();

    /// <summary>It promises TLS on all of the way (RFC 8689), which there is not while the client has none.</summary>
    private static readonly byte[] RequireTls = "REQUIRETLS"u8.ToArray();

    private ReplyCollector? _reply;
    private byte[]? _lastEhlo;
    private byte[] _granted = [];

    public override void Accepted(IPair pair)
    {
        base.Accepted(pair);
        Settle();
    }

    public override void Dialled(in DialResult result)
    {
        base.Dialled(result);
        Settle();
    }

    public override void Received(Leg from, ReadOnlySpan<byte> octets)
    {
        if (from == Leg.Client)
        {
            base.Received(from, octets);
        }
        else
        {
            Hear(octets);
        }

        Settle();
    }

    public override void Spliced(Leg from, long octets)
    {
        base.Spliced(from, octets);
        Settle();
    }

    public override void Ended(Leg from, EndKind how)
    {
        if (from == Leg.Relay && _reply is { } reply)
        {
            // Cut off in the middle: the client shall see as much of it as there is.
            _reply = null;
            Tell(reply.Octets, Origin.Relay);
        }

        if (from == Leg.Relay && _step == Step.RelayShakes)
        {
            _step = Step.None;
        }

        base.Ended(from, how);
        Settle();
    }

    public override void Drained(Leg to)
    {
        if (to == Leg.Client || Backlog == 0)
        {
            base.Drained(to);
        }

        Settle();
    }

    public override void TimedOut(PairTimer timer)
    {
        base.TimedOut(timer);
        Settle();
    }

    public override void Signalled(int what)
    {
        base.Signalled(what);
        Settle();
    }

    public override void Secured(in TlsHandshake handshake)
    {
        if (handshake.Leg == Leg.Client)
        {
            _step = Step.None;
            _isSecured = handshake.Succeeded;
            // Where the relay shook hands too, it has forgotten the client's name as it must.
            tls.Identified ??= IsAsClient ? null : _lastEhlo;
            if (_isSecured)
            {
                _client.Secured();
            }

            base.Secured(handshake);
        }
        else if (_step == Step.RelayShakes)
        {
            RelaySecured(handshake);
        }
        else
        {
            base.Secured(handshake);
        }

        Settle();
    }

    private void Hear(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_step == Step.RelayShakes)
            {
                // In the clear behind its 220: nobody knows whose words these are.
                ((IDialogueObserver)telemetry).Anomalous(Anomaly.StartTlsInjectionServer, Party.Server, 0);
                return;
            }

            if (_reply is null && (_client.IsOpaque || !IsWhole(_client.Awaited)))
            {
                var part = _client.IsOpaque ? octets : octets[.._client.Heard(octets)];
                octets = octets[part.Length..];
                Handler.Received(Leg.Relay, part);
                continue;
            }

            _reply ??= new ReplyCollector();
            octets = octets[_reply.Take(octets)..];
            if (_reply.Code is not null || _reply.IsHopeless)
            {
                var (code, reply) = (_reply.Code, _reply.Octets);
                _reply = null;
                Answered(code, reply);
            }
        }
    }

    /// <summary>Replies that are looked at as a whole.</summary>
    private bool IsWhole(Verb? awaited) => awaited is Verb.Ehlo or Verb.Lhlo or Verb.StartTls || (awaited == Verb.Helo && tls.Identified is not null);

    private void Answered(int? code, byte[] reply)
    {
        if (_client.Awaited == Verb.StartTls && code == 220)
        {
            (_granted, _step) = (reply, Step.RelayShakes);
            pair.Secure(Leg.Relay, tls.Relay(_relay!));
            return;
        }

        if (code == 250 && _client.Awaited is Verb.Ehlo or Verb.Lhlo)
        {
            (_lastEhlo, tls.Identified) = (reply, null);
        }
        else if (code == 503 && _client.Awaited is Verb.Ehlo or Verb.Lhlo or Verb.Helo && tls.Identified is { } known)
        {
            tls.Identified = null;
            telemetry.Hidden(Operation.Ehlo, 503);
            Tell(_client.Awaited == Verb.Helo ? EhloReply.ToHelo(known) : Offer(known), Origin.Proxy);
            return;
        }

        Tell(code == 250 && _client.Awaited is Verb.Ehlo or Verb.Lhlo ? Offer(reply) : reply, Origin.Relay);
    }

    /// <summary>What the client is offered: STARTTLS exactly where it works.</summary>
    private byte[] Offer(byte[] reply)
    {
        var mayStart = Rules.Mode == ListenerTlsMode.StartTls && !_isSecured && (!IsAsClient || EhloReply.Offers(reply, StartTls));
        return EhloReply.Change(reply, _isSecured ? [StartTls] : [StartTls, RequireTls], mayStart ? StartTls : []);
    }

    private void RelaySecured(in TlsHandshake handshake)
    {
        var granted = _granted;
        (_granted, _step) = ([], Step.None);
        if (handshake.Succeeded)
        {
            _step = Step.Tells;
            _waiting.Clear();
            Tell(granted, Origin.Relay);
            return;
        }

        // The relay is gone with its handshake. Who can do without TLS comes again, and says so.
        Tell(LocalReply.TlsRelayFailed, Origin.Proxy);
        base.Ended(Leg.Relay, EndKind.Fin);
    }

    /// <summary>Those above hear a whole reply from the relay.</summary>
    private void Tell(byte[] reply, Origin origin)
    {
        _client.Heard(reply);
        telemetry.Origin = origin;
        Handler.Received(Leg.Relay, reply);
        telemetry.Origin = Origin.Relay;
    }

    /// <summary>What the client is really told: behind 220 comes TLS. A fault may have made it another reply.</summary>
    private void Told(ReadOnlySpan<byte> octets)
    {
        if (_step != Step.Tells)
        {
            return;
        }

        _told.Append(octets);
        if (_told.Octets[^1] != (byte)'\n')
        {
            return;
        }

        var isGranted = _told.Octets.StartsWith("220"u8);
        _told.Clear();
        if (isGranted)
        {
            _step = Step.ClientShakes;
            pair.Secure(Leg.Client, tls.Client());
        }
        else
        {
            // The dialogue goes on in the clear.
            _step = Step.None;
            tls.GiveUpRoom();
            _client.Secured();
        }
    }

    /// <summary>Answers what is due and goes on with what waits.</summary>
    private void Settle()
    {
        while (_step == Step.None)
        {
            if (_owed is { } verb && !_dropsChunk && _client.Outstanding == 1)
            {
                _owed = null;
                var reply = AnswerTo(verb);
                if (reply == LocalReply.TlsReady)
                {
                    _step = Step.Tells;
                    _waiting.Clear();
                }

                Tell(reply, Origin.Proxy);
            }
            else if (_waiting.Length > 0 && (_client.IsOpaque || (_owed is null && _client.Phase != ClientPhase.Held)))
            {
                Take(_waiting.Take());
            }
            else
            {
                break;
            }
        }

        if (_isShut && _waiting.Length == 0 && _owed is null)
        {
            _isShut = false;
            base.Shut(Leg.Relay);
        }

        if (_owesDrained && Unsent(Leg.Relay) == 0)
        {
            _owesDrained = false;
            Handler.Drained(Leg.Relay);
        }
    }
}
