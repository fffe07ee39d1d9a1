using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Sessions.Replies;
using SmtpProxy.Sessions.Security;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Resources;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Sessions.Guard;

/// <summary>Reads what a relay says, and makes of it what the client gets to hear: what it offers, and whether it grants TLS,
/// is changed or kept back.</summary>
internal sealed class ReplyReader(SessionContext context, ClientSpeech speech, StartTlsTalk startTls, ITrustWitness offers,
    SessionFilter inward)
{
    /// <summary>A reply to EHLO longer than this is not remembered.</summary>
    private const int LongestMemory = 16 * 1024;

    private EhloEditor? _editor;
    private ReplyCollector? _reply;
    private OctetQueue? _ehlo;
    private bool _isTooLong;
    private TrustOffer _trust;
    private long _hidden;

    /// <summary>XCLIENT and XFORWARD are kept from the client.</summary>
    public bool HidesXClient { get; set; }

    /// <summary>The client has not been given half a line.</summary>
    public bool SaidWholeLines { get; private set; } = true;

    /// <summary>Whether the relay grants STARTTLS cannot be said.</summary>
    public bool IsHopeless { get; private set; }

    private Verb? Next => speech.IsOpaque || speech.InsideReply ? null : speech.Awaited;

    private bool IsEditing => _editor is { IsEditing: true };

    private bool IsEhlo => IsEditing || Next is Verb.Ehlo or Verb.Lhlo;

    /// <summary>What the client hears depends on this reply as a whole, so that none of it goes on before its end.</summary>
    private bool DecidesAll => _reply is not null || (startTls.IsGuarded && !IsEditing
        && Next is { } next && ((next == Verb.StartTls && startTls.IsRelays)
            || (next is Verb.Ehlo or Verb.Lhlo or Verb.Helo && startTls.Identified is not null)));

    /// <summary>Reads octets up to where the proxy has a word of its own to say, and at least up to the end of a reply.</summary>
    /// <param name="octets">What the relay said.</param>
    /// <param name="turns">Asked between two replies: whether that is now.</param>
    /// <returns>How many were read.</returns>
    public int Read(ReadOnlySpan<byte> octets, ITurns turns)
    {
        if (DecidesAll)
        {
            return Whole(octets);
        }

        if (IsEhlo)
        {
            return Ehlo(octets);
        }

        // Replies that pass go on together: one write for all of them. Where faults may strike, each goes by itself.
        speech.Begin(context.Arrived);
        var length = 0;
        do
        {
            length += speech.Heard(octets[length..]);
        }
        while (length < octets.Length && speech.IsShared && !turns.IsInterrupted() && !DecidesAll && !IsEhlo);

        Deliver(octets[..length], Origin.Relay);
        return length;
    }

    /// <summary>The client hears this from the relay, or in its name.</summary>
    public void Tell(ReadOnlySpan<byte> octets, Origin origin)
    {
        speech.Begin(context.Arrived);
        while (!octets.IsEmpty)
        {
            var length = 0;
            do
            {
                length += speech.Heard(octets[length..], origin);
            }
            while (length < octets.Length && speech.IsShared);
            Deliver(octets[..length], origin);
            octets = octets[length..];
        }
    }

    /// <summary>The relay is gone: of a reply that is cut off the client shall see as much as there is.</summary>
    public void Ended()
    {
        if (_reply is { } reply)
        {
            _reply = null;
            Tell(reply.Octets, Origin.Relay);
        }
        else if (IsEditing)
        {
            _editor!.Abandon();
            TellEdited(Origin.Relay);
        }
    }

    private int Whole(ReadOnlySpan<byte> octets)
    {
        _reply ??= new ReplyCollector();
        var taken = _reply.Take(octets);
        if (_reply.Code is not null || _reply.IsHopeless)
        {
            var (code, reply) = (_reply.Code, _reply.Octets);
            _reply = null;
            Decide(code, reply);
        }

        return taken;
    }

    private void Decide(int? code, byte[] reply)
    {
        if (speech.Awaited == Verb.StartTls)
        {
            if (code == 220)
            {
                startTls.RelayGranted(reply);
                return;
            }

            IsHopeless = code is null;
            Tell(reply, Origin.Relay);
            return;
        }

        var (known, isHelo) = (startTls.Identified!, speech.Awaited == Verb.Helo);
        startTls.Identified = code is 503 or 250 ? null : known;
        if (code == 503)
        {
            // The client hears the reply that it had before. This is one all the same.
            context.Dialogue.RelayReplied(Operation.Ehlo, new Reply { Code = 503, Lines = 1 });
        }

        if (isHelo)
        {
            Tell(code == 503 ? EhloReply.ToHelo(known) : reply, code == 503 ? Origin.Proxy : Origin.Relay);
        }
        else if (code == 503)
        {
            BeginEdit();
            _editor!.Take(known);
            TellEdited(Origin.Proxy);
        }
        else
        {
            // Lines that only inform stand in front of it, and go on by themselves.
            for (var taken = 0; taken < reply.Length;)
            {
                taken += Ehlo(reply.AsSpan(taken));
            }
        }
    }

    /// <summary>A reply to EHLO: clients are offered what works, and nothing that is kept from them.</summary>
    private int Ehlo(ReadOnlySpan<byte> octets)
    {
        int length;
        if (!IsEditing)
        {
            _ehlo?.Clear();
            _isTooLong = false;
            if (startTls.Offers(HidesXClient).Passes(octets, out length))
            {
                Remember(octets[..length]);
                Offer(octets[0] == (byte)'2', TrustOffer.None);
                Tell(octets[..length], Origin.Relay);
                return length;
            }

            BeginEdit();
        }

        length = _editor!.Take(octets);
        Remember(octets[..length]);
        Offer(!IsEditing && _editor.IsGood, _trust);
        context.Telemetry.Metrics.Edited(_hidden, _editor.Added is { IsEmpty: false } added ? CapabilityCells.BitOf(added) : 0);
        TellEdited(Origin.Relay);
        return length;
    }

    /// <summary>Passes on what the relay offers to whom it trusts. Where it is not looked for, nobody knows.</summary>
    private void Offer(bool isGranted, TrustOffer offered)
    {
        if (isGranted && HidesXClient)
        {
            offers.Offers(offered);
        }
    }

    private void BeginEdit()
    {
        (_trust, _hidden) = (TrustOffer.None, 0);
        _editor ??= new EhloEditor(Hides);
        _editor.Begin(startTls.Offers(HidesXClient));
    }

    /// <summary>The client does not get to see this line.</summary>
    private void Hides(ReadOnlySpan<byte> text)
    {
        _trust |= Keywords.TrustIn(text);
        _hidden |= CapabilityCells.BitOf(text);
    }

    /// <summary>Relays that take EHLO once are asked again after TLS of which they know nothing.</summary>
    private void Remember(ReadOnlySpan<byte> octets)
    {
        // What comes after a piece that was too much would make a reply with a hole in it.
        _isTooLong |= (_ehlo?.Length ?? 0) + octets.Length > LongestMemory;
        if (!startTls.MayStart || startTls.IsAsClient || _isTooLong)
        {
            return;
        }

        (_ehlo ??= new OctetQueue()).Append(octets);
        if (!IsEditing && ReplyCollector.AnswerIn(_ehlo.Octets) is (250, var answer))
        {
            startTls.Introduced(answer);
            _ehlo.Clear();
        }
    }

    private void TellEdited(Origin origin)
    {
        if (_editor!.Edited.Length > 0)
        {
            Tell(_editor.Edited, origin);
            _editor.Forget();
        }
    }

    private void Deliver(ReadOnlySpan<byte> octets, Origin origin)
    {
        if (!octets.IsEmpty)
        {
            SaidWholeLines = octets[^1] == (byte)'\n';
            inward.FromRelay(octets, origin);
        }
    }
}
