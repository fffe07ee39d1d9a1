using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Sessions.Guard;

/// <summary>The dialogue that the guard reads, as far as whoever answers some of the client's commands must know it: the client's, or,
/// where faults tell client and relay different things, the relay's.</summary>
internal sealed class ClientSpeech : IDialogueObserver, IPartingWitness
{
    private DialogueTracker? _shared;
    private RelayDialogue? _relays;
    private Dialogue _dialogue;
    private bool _isEncrypted;
    private bool _isInRecord;

    /// <summary>Reads the dialogue of a session; nobody else on the way to the relay does.</summary>
    public ClientSpeech(SessionContext context)
    {
        if (context.RelayDialogue is { } relays)
        {
            (_relays, _dialogue) = (relays, relays.Dialogue);
            relays.Reader = this;
        }
        else
        {
            (_shared, _dialogue) = (context.Dialogue, context.Dialogue.Dialogue);
            _shared.ReadBy(this, readsRelay: true);
        }
    }

    /// <summary>What is read here is what the session records.</summary>
    public bool IsShared => _shared is not null;

    /// <summary>The command that ended with the octets that were read last; null: none did.</summary>
    public Verb? Ended { get; private set; }

    /// <summary>Its place in the order of commands.</summary>
    public int Index { get; private set; }

    /// <summary>Whether something stands after the verb.</summary>
    public bool HasArguments { get; private set; }

    /// <summary>AUTH was granted.</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>The relay's last EHLO reply offered CHUNKING: it counts the octets of a chunk, whatever it answers (RFC 3030 2).</summary>
    public bool OffersChunking { get; private set; }

    /// <summary>A transaction is open.</summary>
    public bool InTransaction => _dialogue.InTransaction;

    /// <summary>The client is in a message that the relay has answered before its end (PROTOCOL 5.7).</summary>
    public bool IsBodyAnswered => Phase == ClientPhase.Data && _dialogue.Outstanding == 0;

    /// <summary>What the client's next octets are.</summary>
    public ClientPhase Phase => _dialogue.ClientPhase;

    /// <summary>Not followed any more.</summary>
    public bool IsOpaque => _dialogue.Opaque != OpaqueReason.None;

    /// <summary>Not followed because the relay speaks TLS with the client: by its 220 to STARTTLS, or by a record of its own. What the
    /// client alone says is no proof.</summary>
    public bool IsEncrypted => _isEncrypted && _dialogue.Opaque == OpaqueReason.Tls;

    /// <summary>Some lines or octets of a reply have come, the rest has not.</summary>
    public bool InsideReply => _dialogue.InsideReply;

    /// <summary>What the next reply answers; null: nothing was asked.</summary>
    public Verb? Awaited => _dialogue.Outstanding > 0 ? _dialogue.Oldest.Verb : null;

    /// <summary><see cref="Index"/> of the command that the next reply answers; -1: nothing was asked.</summary>
    public int AwaitedIndex => _dialogue.Outstanding > 0 ? _dialogue.Oldest.Index : -1;

    /// <summary>Octets of a leg that nobody needs to look at (<see cref="Dialogue.Unexamined"/>).</summary>
    public long Unexamined(Leg leg) => _dialogue.Unexamined(leg);

    /// <summary>Such octets passed.</summary>
    public void Skip(Leg leg, long octets)
    {
        if (!IsShared)
        {
            _dialogue.Skip(leg, octets);
        }
    }

    /// <summary>Client and relay have a dialogue each from here on, between two transactions: this one reads the relay's.</summary>
    public void Part(RelayDialogue relays)
    {
        _shared?.ReadBy(null, readsRelay: false);
        (_shared, _relays, _dialogue) = (null, relays, relays.Dialogue);
        relays.Reader = this;
    }

    /// <summary>More words for the client are about to be read.</summary>
    public void Begin(long at) => _shared?.BeginMore(at);

    /// <summary>Octets of the client whose meaning is not known yet; they are read when it is.</summary>
    public void SentAhead(ReadOnlySpan<byte> octets) => _dialogue.SentAhead(octets);

    /// <summary>Reads octets of the client up to the end of an element.</summary>
    /// <returns>How many belong to it.</returns>
    public int Said(ReadOnlySpan<byte> octets)
    {
        Ended = null;
        return _dialogue.FromClient(octets, StopAt.Element);
    }

    /// <summary>Reads octets that the client is given, up to the end of a reply.</summary>
    /// <returns>How many belong to it.</returns>
    public int Heard(ReadOnlySpan<byte> octets, Origin origin = Origin.Relay)
    {
        if (_dialogue.Opaque == OpaqueReason.Tls)
        {
            // A record of TLS (RFC 8446, section 5.1): an alert, a handshake or data, of version 3. Its first octet may come alone.
            _isEncrypted |= _isInRecord ? octets is [3, ..] : octets is [>= 0x15 and <= 0x17, 3, ..];
            _isInRecord = octets is [>= 0x15 and <= 0x17];
        }

        return _shared?.Heard(octets, origin) ?? _relays!.Heard(octets, origin);
    }

    /// <summary>The client is about to be granted TLS, which ends here.</summary>
    public void EndTlsHere() => _dialogue.EndTlsHere();

    /// <summary>TLS is established.</summary>
    public void Secured()
    {
        if (!IsShared)
        {
            _dialogue.Secured();
        }
    }

    void IDialogueObserver.CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text) =>
        OffersChunking |= text.TrimEnd((byte)' ') is { Length: 8 } keyword && System.Text.Ascii.EqualsIgnoreCase(keyword, "CHUNKING"u8);

    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        OffersChunking &= exchange.Verb is not (Verb.Ehlo or Verb.Lhlo or Verb.Helo);
        if (exchange.Verb is not (Verb.Greeting or Verb.EndOfData))
        {
            (Ended, Index, HasArguments) = (exchange.Verb, exchange.Index, !arguments.Trim((byte)' ').IsEmpty);
        }
    }

    void IDialogueObserver.BecameOpaque(OpaqueReason reason, Leg leg, long octet) =>
        _isEncrypted = reason == OpaqueReason.Tls && leg == Leg.Relay;

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply) =>
        IsAuthenticated |= exchange.Verb == Verb.Auth && reply.Severity == 2;
}
