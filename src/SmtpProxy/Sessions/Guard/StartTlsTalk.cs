using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Tls;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions.Guard;

/// <summary>How far a session's STARTTLS (RFC 3207) is, with its client and, where the relay shall have TLS as its client
/// does, with its relay first.</summary>
/// <param name="tls">TLS of the session; null: it all passes through.</param>
/// <param name="pair">The connections.</param>
internal sealed class StartTlsTalk(SessionTls? tls, IPair pair)
{
    private static readonly ListenerTls Passing = new();
    private byte[] _granted = [];
    private ReplyCollector? _told;
    private byte[]? _lastEhlo;
    private Step _step;

    /// <summary>How far one is.</summary>
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

    /// <summary>What the relay that was dialled last shall have.</summary>
    public RelayTls? Relay { get; set; }

    /// <summary>The client has TLS.</summary>
    public bool IsSecured { get; private set; }

    /// <summary>The proxy introduces the client to the relay by XCLIENT. Inside TLS that passes through, the client
    /// could say it again unseen.</summary>
    public bool Introduces { get; set; }

    /// <summary>STARTTLS is the proxy's to answer or to hide.</summary>
    public bool IsGuarded => Introduces || Rules.Mode != ListenerTlsMode.Passthrough;

    /// <summary>The relay gets TLS if, and only if, the client asks for it.</summary>
    public bool IsAsClient => Rules.Mode == ListenerTlsMode.StartTls && Relay?.Mode == RelayTlsMode.AsClient;

    /// <summary>The client's next STARTTLS is the relay's to answer.</summary>
    public bool IsRelays => IsAsClient && !IsSecured;

    /// <summary>The relay is asked now: there is room for the handshake with the client that would follow.</summary>
    public bool GoesToRelay() => IsRelays && !tls!.IsCrowded();

    /// <summary>TLS is required, and there is none yet.</summary>
    public bool IsDue => Rules is { Mode: ListenerTlsMode.StartTls, Require: true } && !IsSecured;

    /// <summary>STARTTLS may be granted now.</summary>
    public bool MayStart => Rules.Mode == ListenerTlsMode.StartTls && !IsSecured;

    /// <summary>One is under way: neither side's octets are SMTP.</summary>
    public bool IsUnderWay => _step != Step.None;

    /// <summary>The relay said 220, and shakes hands.</summary>
    public bool RelayShakes => _step == Step.RelayShakes;

    /// <summary>The client was granted it: whatever comes of it in the clear goes nowhere (RFC 3207, section 4.2; CVE-2011-0411).</summary>
    public bool DropsClient => _step is Step.Tells or Step.ClientShakes;

    /// <summary>The reply to an EHLO that this relay had before, where it may take no other.</summary>
    public byte[]? Identified
    {
        get => tls?.Identified;
        set
        {
            if (tls is not null)
            {
                tls.Identified = value;
            }
        }
    }

    private ListenerTls Rules => tls?.Rules ?? Passing;

    /// <summary>What clients get to see of a reply to EHLO.</summary>
    public EhloRules Offers(bool hidesXClient) => !IsGuarded ? Keywords.Plain
        : new EhloRules(Keywords.Hidden(hidesXClient, IsSecured), MayStart ? Keywords.StartTls : [], IsAsClient) { HoldsLine = true };

    /// <summary>The relay took an EHLO in the clear with this reply.</summary>
    public void Introduced(byte[]? reply) => (_lastEhlo, Identified) = (reply, null);

    /// <summary>The relay answers STARTTLS with this 220: it shakes hands before the client hears of it.</summary>
    public void RelayGranted(byte[] reply)
    {
        (_granted, _step) = (reply, Step.RelayShakes);
        pair.Secure(Leg.Relay, tls!.Relay(Relay!), tls.Patience);
    }

    /// <summary>The relay has shaken hands, or not.</summary>
    /// <returns>What it had answered.</returns>
    public byte[] RelayShook()
    {
        var granted = _granted;
        (_granted, _step) = ([], Step.None);
        return granted;
    }

    /// <summary>The client is about to be told 220.</summary>
    public void Grant() => _step = Step.Tells;

    /// <summary>What the client was really told.</summary>
    /// <returns>It was not told 220, as it should: a fault made it another reply, and the dialogue goes on in the clear.</returns>
    public bool WasDenied(ReadOnlySpan<byte> octets)
    {
        if (_step != Step.Tells)
        {
            return false;
        }

        _told ??= new ReplyCollector();
        _told.Take(octets);
        if (_told is { Code: null, IsHopeless: false })
        {
            return false;
        }

        var isGranted = _told.Code == 220;
        _told = null;
        _step = isGranted ? Step.ClientShakes : Step.None;
        if (isGranted)
        {
            pair.Secure(Leg.Client, tls!.Client(), tls.Patience);
        }
        else
        {
            tls!.GiveUpRoom();
        }

        return !isGranted;
    }

    /// <summary>The client has shaken hands, or not.</summary>
    public void ClientShook(bool succeeded)
    {
        (_step, IsSecured) = (Step.None, succeeded);
        // Where the relay shook hands too, it has forgotten the client's name as it must.
        Identified ??= IsAsClient ? null : _lastEhlo;
    }

    /// <summary>The relay is gone.</summary>
    public void RelayGone() => _step = RelayShakes ? Step.None : _step;

    /// <summary>What STARTTLS is answered.</summary>
    /// <param name="isPlain">It is the verb alone, written as it should be.</param>
    /// <param name="speech">The dialogue so far.</param>
    public byte[] AnswerTo(bool isPlain, ClientSpeech speech) => Rules.Mode switch
    {
        ListenerTlsMode.None or ListenerTlsMode.Passthrough => LocalReply.TlsNotOffered,
        _ when IsSecured || Rules.Mode == ListenerTlsMode.Implicit => LocalReply.TlsAlready,
        _ when !isPlain => LocalReply.TlsNoParameters,
        // Elsewhere it would be the relay's to forget what was said in the clear, and it does not hear of TLS.
        _ when speech.InTransaction || speech.IsAuthenticated => LocalReply.TlsTooLate,
        // The relay's own STARTTLS is answered here only where there are too many handshakes.
        _ when IsAsClient || !tls!.TryMakeRoom() => LocalReply.TlsBusy,
        _ => LocalReply.TlsReady,
    };
}
