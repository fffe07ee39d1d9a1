using SmtpProxy.Protocol;
using SmtpProxy.Telemetry;
using SmtpProxy.Tls;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Sessions.Security;

/// <summary>
/// Stands before the relay as a relay that has TLS of the listener's kind: offers STARTTLS or hides it, answers it, and, where the relay shall have
/// TLS as its client does, asks it first. Whoever stands above hears all of that as the relay's words, so that the dialogue they follow is the client's.
/// What a client says in the clear behind STARTTLS goes nowhere (RFC 3207, section 4.2; CVE-2011-0411), and neither does what a relay says there.
/// </summary>
internal sealed partial class StartTlsGate(IPairHandler handler, SessionTls tls, TlsPair pair, SessionTelemetry telemetry) : PassingPair
{
    /// <summary>A command longer than this is none that is looked for; it passes, unless nothing may.</summary>
    private const int LongestLine = 2048;

    /// <summary>More than this is not taken from the client while it waits.</summary>
    private const int EnoughWaiting = 64 * 1024;

    private readonly ClientSpeech _client = new();
    private readonly OctetQueue _line = new();
    private readonly OctetQueue _waiting = new();
    private readonly OctetQueue _told = new();
    private Verb? _owed;
    private RelayTls? _relay;
    private Step _step;
    private bool _isSecured;
    private bool _isShut;
    private bool _dropsChunk;
    private bool _isPassing;
    private bool _owesDrained;

    /// <summary>How far a STARTTLS is.</summary>
    private enum Step
    {
        /// <summary>None is under way.</summary>
        None,

        /// <summary>The relay said 220, and shakes hands.</summary>
        RelayShakes,

        /// <summary>The client is being told 220.</summary>
        Tells,

        /// <summary>The client shakes hands.</summary>
        ClientShakes,
    }

    protected override IPairHandler Handler => handler;

    private ListenerTls Rules => tls.Rules;

    /// <summary>The relay gets TLS if, and only if, the client asks for it.</summary>
    private bool IsAsClient => Rules.Mode == ListenerTlsMode.StartTls && _relay?.Mode == RelayTlsMode.AsClient;

    private bool IsTlsDue => Rules is { Mode: ListenerTlsMode.StartTls, Require: true } && !_isSecured;

    private int Backlog => _waiting.Length > EnoughWaiting ? _waiting.Length : 0;

    public override void Dial(in DialTarget target)
    {
        _relay = target.Tls;
        base.Dial(target);
    }

    public override void Send(Leg to, ReadOnlySpan<byte> octets)
    {
        if (to == Leg.Client)
        {
            base.Send(to, octets);
            Told(octets);
        }
        else if (_step is Step.Tells or Step.ClientShakes)
        {
            // Said in the clear, where TLS should be: by the client, or by somebody between us.
        }
        else if (_waiting.Length > 0)
        {
            _waiting.Append(octets);
        }
        else
        {
            Take(octets);
        }
    }

    public override int Unsent(Leg to)
    {
        var unsent = base.Unsent(to) + (to == Leg.Relay ? Backlog : 0);
        _owesDrained |= to == Leg.Relay && Backlog > 0;
        return unsent;
    }

    public override void Shut(Leg leg)
    {
        if (leg == Leg.Relay && (_waiting.Length > 0 || _owed is not null))
        {
            _isShut = true;
        }
        else
        {
            base.Shut(leg);
        }
    }

    public override void Splice(Leg from, long octets)
    {
        if (_client.IsOpaque && _step == Step.None)
        {
            base.Splice(from, octets);
        }
    }

    /// <summary>Octets of the client, as far as they may go now.</summary>
    private void Take(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_client.IsOpaque)
            {
                base.Send(Leg.Relay, octets);
                return;
            }

            if (_owed is not null && !_dropsChunk || _client.Phase == ClientPhase.Held)
            {
                // What it means is not known before the relay, or we, have answered.
                _waiting.Append(octets);
                return;
            }

            var wasChunk = _client.Phase == ClientPhase.Chunk;
            var part = octets[.._client.Said(octets)];
            octets = octets[part.Length..];
            Pass(part, wasChunk);
        }
    }

    private void Pass(ReadOnlySpan<byte> part, bool wasChunk)
    {
        if (_dropsChunk && wasChunk)
        {
            _dropsChunk = _client.Phase == ClientPhase.Chunk;
        }
        else if (_client.Ended is { } verb)
        {
            // Of a line whose beginning is with the relay the rest must be, too.
            if (!_isPassing && IsOurs(verb))
            {
                _line.Clear();
                _owed = verb;
                _dropsChunk = _client.Phase == ClientPhase.Chunk;
            }
            else
            {
                Forward(part);
            }
        }
        else if (_client.InsideCommand && (IsTlsDue || MayBecomeStartTls(part)))
        {
            // Held back until it is known what it is; what is too long to be anything need not be kept whole.
            _line.Append(part[..Math.Min(part.Length, Math.Max(0, 2 * LongestLine - _line.Length))]);
        }
        else
        {
            Forward(part);
        }
    }

    /// <summary>Whether a command that has begun like this may still be STARTTLS: any other goes on as it comes.</summary>
    private bool MayBecomeStartTls(ReadOnlySpan<byte> part)
    {
        Span<byte> start = stackalloc byte[StartTls.Length];
        var kept = Math.Min(_line.Length, start.Length);
        _line.Octets[..kept].CopyTo(start);
        var more = Math.Min(part.Length, start.Length - kept);
        part[..more].CopyTo(start[kept..]);
        return _client.Phase == ClientPhase.Command && !_isPassing && _line.Length + part.Length <= LongestLine
            && System.Text.Ascii.EqualsIgnoreCase(start[..(kept + more)], StartTls.AsSpan(0, kept + more));
    }

    private void Forward(ReadOnlySpan<byte> part)
    {
        if (_line.Length > 0)
        {
            base.Send(Leg.Relay, _line.Take());
        }

        _isPassing = _client.InsideCommand;
        base.Send(Leg.Relay, part);
    }

    /// <summary>Whether the proxy answers a command itself.</summary>
    private bool IsOurs(Verb verb) => verb == Verb.StartTls
        ? !IsAsClient || _isSecured || tls.IsCrowded()
        : IsTlsDue && verb is not (Verb.Ehlo or Verb.Lhlo or Verb.Helo or Verb.Noop or Verb.Quit);

    private byte[] AnswerTo(Verb verb) => verb switch
    {
        not Verb.StartTls => LocalReply.TlsFirst,
        _ when Rules.Mode == ListenerTlsMode.None => LocalReply.TlsNotOffered,
        _ when _isSecured => LocalReply.TlsAlready,
        _ when _client.HasArguments => LocalReply.TlsNoParameters,
        // Elsewhere it would be the relay's to forget what was said in the clear, and it does not hear of TLS.
        _ when _client.InTransaction || _client.IsAuthenticated => LocalReply.TlsTooLate,
        // The relay's own STARTTLS is answered here only where there are too many handshakes.
        _ when IsAsClient || !tls.TryMakeRoom() => LocalReply.TlsBusy,
        _ => LocalReply.TlsReady,
    };
}
