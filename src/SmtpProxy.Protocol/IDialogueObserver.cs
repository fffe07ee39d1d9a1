using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>Listens to the facts of a dialogue, in the order in which they become certain. Every call happens inside
/// <see cref="Dialogue.FromClient"/>, <see cref="Dialogue.FromRelay"/> or <see cref="Dialogue.Ended"/>, on their thread;
/// spans and references are valid only during the call. Nobody has to listen to all of them. Nothing secret is ever handed over: of
/// AUTH only the mechanism.</summary>
public interface IDialogueObserver
{
    /// <summary>An exchange was opened: a command line is complete (with its line end), or a pseudo-exchange begins
    /// (the greeting when the dialogue starts; the end-of-data exchange with its go-ahead, when the body begins).</summary>
    /// <param name="exchange">The entry; <see cref="Exchange.Mark"/> may be set.</param>
    /// <param name="verb">The verb's octets as sent (a bounded prefix); empty for an empty line and for pseudo-exchanges.</param>
    /// <param name="arguments">The line behind the verb, without its line end, a bounded prefix; for AUTH the mechanism alone;
    /// for XCLIENT with LOGIN as sent.</param>
    void Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
    }

    /// <summary>The arguments of a command that was opened without them, because it might have been a line of a message: it is
    /// none. Before its reply.</summary>
    /// <param name="exchange">The entry.</param>
    /// <param name="arguments">As in <see cref="Opened"/>.</param>
    void Revealed(ref Exchange exchange, ReadOnlySpan<byte> arguments)
    {
    }

    /// <summary>One line of the reply to EHLO or LHLO behind its first (RFC 5321 4.1.1.1), before the reply is complete.</summary>
    void CapabilityLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
    }

    /// <summary>One line of a refusal (4yz, 5yz) before its last, which <see cref="Answered"/> shows.</summary>
    void RefusalLine(ref Exchange exchange, ReadOnlySpan<byte> text)
    {
    }

    /// <summary>An intermediate reply that leaves work to the client: 334 to AUTH, the go-ahead (3yz) to DATA (for DATA this
    /// is its final fact: the exchange is done), 353 of PRDR: one reply for each accepted recipient follows, and one for all.</summary>
    void Continued(ref Exchange exchange, in Reply reply)
    {
    }

    /// <summary>A SASL response line is complete.</summary>
    void Responded(ref Exchange exchange)
    {
    }

    /// <summary>Whether octets of messages are to be shown, see <see cref="Message"/>. Asked for each buffer.</summary>
    bool ReadsMessage => false;

    /// <summary>Octets of a message, in order: behind a go-ahead as they are on the wire, its end included, or of a chunk. Only while
    /// <see cref="ReadsMessage"/>.</summary>
    void Message(ReadOnlySpan<byte> octets)
    {
    }

    /// <summary>The final <c>CRLF.CRLF</c> is complete; sizes in octets (<see cref="Transaction.WireOctets"/>).</summary>
    void BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets)
    {
    }

    /// <summary>The last octet of a chunk has passed (at once for size 0).</summary>
    void ChunkEnded(ref Exchange bdat)
    {
    }

    /// <summary>The exchange is answered and leaves the queue. Called once per reply of LMTP and PRDR, with
    /// <see cref="Exchange.Part"/> and <see cref="Exchange.RecipientIndex"/> set.</summary>
    void Answered(ref Exchange exchange, in Reply reply)
    {
    }

    /// <summary>The dialogue ended, or became opaque, with this exchange unanswered. In queue order, before
    /// <see cref="TransactionEnded"/>.</summary>
    void Unanswered(ref Exchange exchange)
    {
    }

    /// <summary>The body was cut: its end was never sent, and no reply to it is owed (RFC 5321 4.1.1.4). Comes instead of
    /// <see cref="Unanswered"/>.</summary>
    void Withdrawn(ref Exchange endOfData)
    {
    }

    /// <summary>A reply that answers nothing (an empty queue, or 421 at any time with an empty queue).</summary>
    void Unsolicited(in Reply reply)
    {
    }

    /// <summary>MAIL was accepted. Comes right behind its <see cref="Answered"/>.</summary>
    void TransactionOpened(in Transaction transaction)
    {
    }

    /// <summary>The open transaction ended. Comes right behind the <see cref="Answered"/> that ended it, if one did.</summary>
    void TransactionEnded(in Transaction transaction)
    {
    }

    /// <summary>Something that the RFCs do not allow, at this octet (from 0) of this leg's stream. Reported once per line,
    /// reply or message where it repeats.</summary>
    void Anomalous(Anomaly anomaly, Leg leg, long octet)
    {
    }

    /// <summary>From here on octets pass uninterpreted, but for what the relay says while the client shakes hands with who follows the
    /// dialogue. Reported once, unless <see cref="TrackedAgain"/> or a better reason comes.</summary>
    void BecameOpaque(OpaqueReason reason, Leg leg, long octet)
    {
    }

    /// <summary>What looked like TLS that nobody asked for is answered in SMTP (PROTOCOL 7.7): nothing was settled, nothing is lost, and
    /// what the client has sent since is reported now.</summary>
    void TrackedAgain()
    {
    }
}
