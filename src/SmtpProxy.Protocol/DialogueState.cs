using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>What both sides of a dialogue share: the queue, the open transaction, and where the dialogue stands.</summary>
internal sealed class DialogueState(IDialogueObserver observer, DialogueLimits limits)
{
    /// <summary>Exchanges whose replies are outstanding. A field: it is a struct that changes in place.</summary>
    public ExchangeQueue Queue = new(limits.Memory);

    /// <summary>The first octets of TLS behind STARTTLS. A field, like <see cref="Queue"/>.</summary>
    public TlsStart TlsStart;

    private TlsState _tlsBefore;

    /// <summary>Who hears of it.</summary>
    public IDialogueObserver Observer { get; private set; } = observer;

    /// <summary>Bounds.</summary>
    public DialogueLimits Limits { get; } = limits;

    /// <summary>The open transaction.</summary>
    public TransactionTracker Transactions { get; } = new(limits.Memory);

    /// <summary>SMTP or LMTP.</summary>
    public DialogueProtocol Protocol { get; set; }

    /// <summary>LHLO was accepted: a message is answered for each recipient (RFC 2033 4.2). Refused, it changes
    /// nothing (PROTOCOL 4.6).</summary>
    public bool SpeaksLmtp { get; set; }

    /// <summary>What was seen of TLS.</summary>
    public TlsState Tls { get; set; }

    /// <summary>Whether octets are interpreted.</summary>
    public OpaqueReason Opaque { get; private set; }

    /// <summary>Where it became so, in the stream of the leg that caused it.</summary>
    public long OpaqueAt { get; private set; }

    /// <summary>It is opaque only until the relay shows what it takes the client's octets for: they began like TLS,
    /// which nobody asked for.</summary>
    public bool IsDoubtful { get; private set; }

    /// <summary>Whether octets are looked at.</summary>
    public bool IsRead => Opaque == OpaqueReason.None || IsDoubtful;

    /// <summary>Whether the relay's octets are looked at: also while the client shakes hands with who follows the dialogue.</summary>
    public bool ReadsRelay => IsRead || TlsStart.IsUnderWayHere;

    /// <summary>Code of the greeting; 0 = none yet.</summary>
    public ushort GreetingCode { get; set; }

    /// <summary>421 was said.</summary>
    public bool Closing { get; set; }

    /// <summary>QUIT was sent and not refused.</summary>
    public bool QuitSent { get; set; }

    /// <summary>QUIT was answered 2yz.</summary>
    public bool QuitAccepted { get; set; }

    /// <summary>The last EHLO reply offered PIPELINING.</summary>
    public bool OffersPipelining { get; set; }

    /// <summary>AUTH has ended, and no known command has been granted since: what follows may still be meant as its responses.</summary>
    public bool BehindAuth { get; set; }

    /// <summary>DATA was answered as if it needed no message: the client may send it all the same, and the relay
    /// reads its lines as commands.</summary>
    public StrayMessage StrayMessage { get; set; }

    /// <summary>Arguments of commands that may be lines of such a message.</summary>
    public WithheldArguments Withheld { get; } = new();

    /// <summary>The client speaks HTTP: what it sends are no commands, pipelined or not (PROTOCOL 10.8).</summary>
    public bool SpeaksHttp { get; set; }

    /// <summary>Who spoke last; decides whose move it is when opaque.</summary>
    public Leg LastToSpeak { get; set; }

    /// <summary>Index of the next exchange.</summary>
    public int NextIndex { get; set; }

    /// <summary>A new dialogue.</summary>
    public void Restart(IDialogueObserver observer)
    {
        Observer = observer;
        Queue.Clear();
        Withheld.Forget();
        if (Transactions.IsOpen)
        {
            Transactions.Close(TransactionEnd.ConnectionEnded, owed: false);
            Transactions.Forget();
        }

        Protocol = DialogueProtocol.Unknown;
        Tls = TlsState.None;
        Opaque = OpaqueReason.None;
        IsDoubtful = false;
        GreetingCode = 0;
        SpeaksLmtp = Closing = QuitSent = QuitAccepted = OffersPipelining = BehindAuth = SpeaksHttp = false;
        StrayMessage = default;
        LastToSpeak = Leg.Client;
        NextIndex = 0;
        TlsStart = default;
    }

    /// <summary>What was opaque is read again; of what the parties told each other in the clear nothing counts.</summary>
    public void Secured()
    {
        var stray = TlsStart.StrayAt;
        Opaque = OpaqueReason.None;
        TlsStart = default;
        OffersPipelining = BehindAuth = SpeaksHttp = false;
        StrayMessage = default;
        if (stray is { } at)
        {
            BecomeOpaque(OpaqueReason.Desynchronised, Leg.Relay, at);
        }
    }

    /// <summary>Opens an exchange.</summary>
    public ref Exchange Open(in Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        ref var opened = ref Queue.Append(exchange);
        opened.Index = NextIndex++;
        opened.Operation = Verbs.OperationOf(opened.Verb);
        opened.RecipientIndex = -1;
        Observer.Opened(ref opened, verb, arguments);
        return ref opened;
    }

    /// <summary>Reports an anomaly.</summary>
    public void Report(Anomaly anomaly, Leg leg, long octet) => Observer.Anomalous(anomaly, leg, octet);

    /// <summary>Reports an intermediate reply to a command that has none.</summary>
    public void ReportIntermediate(in Reply reply, long at) => Report(
        reply.Code switch
        {
            ReplyCode.Challenge => Anomaly.Unexpected334,
            ReplyCode.GoAhead => Anomaly.Unexpected354,
            _ => Anomaly.Unexpected3yz,
        },
        Leg.Relay,
        at);

    /// <summary>The oldest exchange is answered and leaves the queue.</summary>
    public void Answer(ref Exchange oldest, in Reply reply)
    {
        StrayMessage = StrayMessage.After(oldest.Verb, reply);
        if (Withheld.Take(oldest.Index) is { } arguments)
        {
            if (!StrayMessage.IsSeen)
            {
                Observer.Revealed(ref oldest, arguments);
            }

            Array.Clear(arguments);
        }

        Observer.Answered(ref oldest, reply);
        BehindAuth &= !reply.IsPositive || oldest.Verb is <= Verb.EndOfData or Verb.Auth;
        Queue.RemoveOldest();
    }

    /// <summary>Nobody wants to know any more what is open.</summary>
    public void Drop()
    {
        Queue.Clear();
        Withheld.Forget();
        Transactions.Forget();
    }

    /// <summary>Ends the open transaction, if there is one.</summary>
    public void CloseTransaction(TransactionEnd end, bool owed = false)
    {
        if (Transactions.IsOpen)
        {
            var ended = Transactions.Close(end, owed);
            Transactions.Forget();
            Observer.TransactionEnded(ended);
        }
    }

    /// <summary>Whether 8-bit addresses are allowed now: by the open transaction, or by a MAIL that is not
    /// answered yet (RFC 6531 3.4).</summary>
    public bool AllowsUtf8() => Transactions.UsesUtf8 || Queue.AsksForUtf8;

    /// <summary>Whether the relay has the whole message of the open transaction and has not given its verdict.</summary>
    public bool OwesVerdict()
    {
        for (var n = 0; n < Queue.Count && !EndsTransaction(Queue.At(n).Verb); n++)
        {
            if (Queue.At(n) is { EndsMessage: true, IsComplete: true })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>From here on nothing is interpreted; what was open is settled as unknown (PROTOCOL 11.3).</summary>
    public void BecomeOpaque(OpaqueReason reason, Leg leg, long octet)
    {
        if (!IsRead)
        {
            return;
        }

        var isTold = IsDoubtful && reason == OpaqueReason.Tls;
        if (IsDoubtful && reason != OpaqueReason.Tls)
        {
            Tls = _tlsBefore;
        }

        IsDoubtful = false;
        Opaque = reason;
        OpaqueAt = octet;
        if (reason is OpaqueReason.Limit or OpaqueReason.UnknownFraming)
        {
            // What the client sends decides that, and it can do it at will.
            Report(Anomaly.LeftTracking, leg, octet);
        }

        UnansweredExchanges.Settle(this);
        CloseTransaction(TransactionEnd.Opaque);
        if (!isTold)
        {
            Observer.BecameOpaque(reason, leg, octet);
        }
    }

    /// <summary>More is held than may be, from this octet of the client on.</summary>
    public void HoldsNoMore(bool behindData, long from)
    {
        if (behindData)
        {
            // Whether it is a message, the reply to DATA would tell, and that is not read any more.
            Report(Anomaly.DataBefore354, Leg.Client, from);
        }

        BecomeOpaque(OpaqueReason.Limit, Leg.Client, from + Limits.HeldOctets);
    }

    /// <summary>The client begins what looks like TLS, and nobody asked for it. Whether it is that, the relay shows: it answers in TLS, or
    /// in SMTP, for which these octets were commands (PROTOCOL 7.7).</summary>
    public void Doubt(long octet)
    {
        _tlsBefore = Tls;
        if (octet == 0 && GreetingCode == 0)
        {
            Tls = TlsState.Implicit;
        }
        else
        {
            Report(Anomaly.TlsOnPlaintext, Leg.Client, octet);
        }

        Opaque = OpaqueReason.Tls;
        OpaqueAt = octet;
        IsDoubtful = true;
        Observer.BecameOpaque(OpaqueReason.Tls, Leg.Client, octet);
    }

    /// <summary>The relay speaks SMTP: what was in doubt is read.</summary>
    public void Trust()
    {
        Opaque = OpaqueReason.None;
        IsDoubtful = false;
        Observer.TrackedAgain();
        if (Tls != _tlsBefore)
        {
            Tls = _tlsBefore;
            Report(Anomaly.TlsOnPlaintext, Leg.Client, OpaqueAt);
        }
    }

    /// <summary>STARTTLS was answered 220.</summary>
    public void TlsBegins(ReadOnlySpan<byte> held, long clientAt, long relayAt)
    {
        TlsStart = TlsStart.Begin(held, TlsStart.EndsHere, out var anomaly);
        if (anomaly is { } found)
        {
            Report(found, Leg.Client, clientAt - held.Length);
        }

        BecomeOpaque(OpaqueReason.Tls, Leg.Relay, relayAt);
    }

    /// <summary>What the next of several replies to a message answers.</summary>
    public void NextPart(ref Exchange exchange)
    {
        exchange.Part++;
        exchange.RecipientIndex = exchange.PerRecipient ? Transactions.AcceptedIndex(exchange.Part - 1)
            : exchange.RecipientIndex < 0 ? -1 : Transactions.AcceptedIndex(exchange.Part);
    }

    /// <summary>What comes after such a command, and is unanswered like it, is meant for another transaction.</summary>
    internal static bool EndsTransaction(Verb verb) =>
        verb is Verb.Mail or Verb.Rset or Verb.Ehlo or Verb.Helo or Verb.Lhlo or Verb.XClient;
}
