using System.Globalization;
using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;
using SmtpProxy.Sessions.Pipeline;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>The dialogue as the client has it: what it said, and what it was told, by whomever. Says what each element of it is, and keeps
/// the facts that rules are matched against.</summary>
internal sealed class ClientView : IDialogueObserver
{
    private readonly Dialogue _dialogue;
    private readonly FaultFacts _facts;

    /// <summary>Reads what the client says; the session reads what it hears.</summary>
    public ClientView(FaultFacts facts, DialogueTracker tracker)
    {
        (_facts, _dialogue) = (facts, tracker.Dialogue);
        tracker.ReadBy(this, readsRelay: false);
    }

    /// <summary>What the next octets of the client are.</summary>
    public ClientPhase Phase => _dialogue.ClientPhase;

    /// <summary>A command has begun and not ended.</summary>
    public bool IsInsideCommand => _dialogue.InsideCommand;

    /// <summary>The element that was read last opened an exchange of this verb; null: it was a SASL response, or no element.</summary>
    public Verb? Opened { get; private set; }

    /// <summary>It is a SASL response.</summary>
    public bool HasResponded { get; private set; }

    /// <summary>The last chunk of a message.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Message data ended, and a verdict is expected.</summary>
    public bool HasBodyEnded { get; private set; }

    /// <summary>There was a BDAT without a size that can be read: where its chunk ends nobody knows.</summary>
    public bool HasUnsizedChunk { get; private set; }

    /// <summary>Octets of a message or chunk that the client has still to send; long.MaxValue in message data.</summary>
    public bool InMessage => Phase is ClientPhase.Data or ClientPhase.Chunk;

    /// <summary>Reads one element of the client, or what is there of it.</summary>
    /// <returns>How many octets belong to it.</returns>
    public int Said(ReadOnlySpan<byte> octets)
    {
        (Opened, HasResponded, HasBodyEnded) = (null, false, false);
        return _dialogue.FromClient(octets, StopAt.Element);
    }

    /// <summary>Octets of the client whose meaning is not known yet; they are read when it is.</summary>
    public void SentAhead(ReadOnlySpan<byte> octets) => _dialogue.SentAhead(octets);

    /// <summary>TLS is established: of what was told in the clear nothing counts.</summary>
    public void Secured()
    {
        Forget();
        (_facts.HeloName, _facts.IsAuthenticated) = (null, false);
    }

    void IDialogueObserver.Opened(ref Exchange exchange, ReadOnlySpan<byte> verb, ReadOnlySpan<byte> arguments)
    {
        if (exchange.Verb is Verb.EndOfData)
        {
            return;
        }

        (Opened, IsLast) = (exchange.Verb, exchange.Last);
        HasUnsizedChunk |= exchange is { Verb: Verb.Bdat, IsChunk: false };
        if (exchange.Verb == Verb.Greeting)
        {
            return;
        }

        _facts.Commands++;
        _facts.Verb = Encoding.ASCII.GetString(verb).ToUpperInvariant();
        switch (exchange.Verb)
        {
            case Verb.Ehlo or Verb.Helo or Verb.Lhlo:
                _facts.HeloName = Encoding.UTF8.GetString(arguments.Trim((byte)' '));
                Forget();
                break;
            case Verb.Mail:
                Forget();
                var mail = MailPath.Parse(arguments);
                _facts.MailFrom = Encoding.UTF8.GetString(mail.Address);
                _facts.DeclaredSize = SizeOf(mail.Parameters);
                _facts.Transactions++;
                break;
            case Verb.Rcpt:
                _facts.RcptTo = Encoding.UTF8.GetString(MailPath.Parse(arguments).Address);
                _facts.FirstRcptTo ??= _facts.RcptTo;
                _facts.RecipientCount++;
                break;
        }
    }

    void IDialogueObserver.Responded(ref Exchange exchange) => HasResponded = true;

    void IDialogueObserver.BodyEnded(ref Exchange endOfData, long wireOctets, long messageOctets) => HasBodyEnded = true;

    void IDialogueObserver.Answered(ref Exchange exchange, in Reply reply)
    {
        switch (exchange.Verb)
        {
            case Verb.Auth when reply.Severity == 2:
                _facts.IsAuthenticated = true;
                break;
            case Verb.Rset when reply.Severity == 2:
            case Verb.Mail when reply.Severity != 2:
                Forget();
                break;
        }
    }

    void IDialogueObserver.TransactionEnded(in Transaction transaction)
    {
        if (transaction.End == TransactionEnd.FinalReply)
        {
            Forget();
        }
    }

    void IDialogueObserver.BecameOpaque(OpaqueReason reason, Leg leg, long octet) => _facts.IsOpaque = true;

    void IDialogueObserver.TrackedAgain() => _facts.IsOpaque = false;

    private void Forget()
    {
        (_facts.MailFrom, _facts.RcptTo, _facts.FirstRcptTo, _facts.DeclaredSize) = (null, null, null, null);
        (_facts.RecipientCount, _facts.BodyOctets) = (0, 0);
    }

    private static long? SizeOf(ReadOnlySpan<byte> parameters)
    {
        foreach (var range in parameters.Split((byte)' '))
        {
            var parameter = parameters[range];
            if (parameter.Length > 5 && Ascii.EqualsIgnoreCase(parameter[..5], "SIZE="u8)
                && long.TryParse(parameter[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                return size;
            }
        }

        return null;
    }
}
