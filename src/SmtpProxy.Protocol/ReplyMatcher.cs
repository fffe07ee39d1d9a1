using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>Gives each reply to the oldest exchange and draws the conclusions (PROTOCOL 4.1, 4.6: state follows the replies).</summary>
internal sealed class ReplyMatcher(DialogueState talk, ClientSide client)
{
    private readonly MessageReplies _messages = new(talk, client);
    private bool _pipeliningSeen;

    /// <summary>A new dialogue.</summary>
    public void Restart() => _pipeliningSeen = false;

    /// <summary>A line behind the first of a reply that is not complete yet.</summary>
    public void CapabilityLine(ReadOnlySpan<byte> text)
    {
        if (talk.Queue.Count > 0 && talk.Queue.Oldest.Verb is Verb.Ehlo or Verb.Lhlo)
        {
            _pipeliningSeen |= CommandLine.BeginsWith(text, "PIPELINING"u8);
            talk.Observer.CapabilityLine(ref talk.Queue.Oldest, text);
        }
    }

    /// <summary>A line of a refusal that is not complete yet.</summary>
    public void RefusalLine(ReadOnlySpan<byte> text)
    {
        if (talk.Queue.Count > 0)
        {
            talk.Observer.RefusalLine(ref talk.Queue.Oldest, text);
        }
    }

    /// <summary>A reply is complete.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="at">Where its last line begins in the relay's stream.</param>
    /// <param name="behind">Where the next octet of the relay will be.</param>
    public void Replied(in Reply reply, long at, long behind)
    {
        client.Answered();
        if (!talk.ReadsRelay)
        {
            return;
        }

        if (!talk.IsRead || talk.Queue.Count == 0)
        {
            Unsolicited(reply, at);
            return;
        }

        talk.Closing |= reply.Code == ReplyCode.ServiceClosing;
        ref var oldest = ref talk.Queue.Oldest;
        switch (oldest.Verb)
        {
            case Verb.EndOfData:
                _messages.FinalReply(ref oldest, reply, at);
                break;
            case Verb.Data:
                _messages.DataReply(ref oldest, reply, at);
                break;
            case Verb.Auth:
                AuthReply(ref oldest, reply, at);
                break;
            case Verb.StartTls or Verb.XAnonymousTls:
                StartTlsReply(ref oldest, reply, behind);
                break;
            case Verb.Turn or Verb.Atrn:
                TurnReply(ref oldest, reply, at);
                break;
            case Verb.Burl:
            case Verb.Bdat when oldest.IsChunk:
                _messages.ChunkReply(ref oldest, reply, at);
                break;
            default:
                Plain(ref oldest, reply, at);
                break;
        }
    }

    /// <summary>A reply that the proxy gave in the relay's name.</summary>
    public void RepliedByProxy(in Reply reply)
    {
        talk.Closing |= reply.Code == ReplyCode.ServiceClosing;
        if (talk.Queue.Count == 0)
        {
            talk.Observer.Unsolicited(reply);
            return;
        }

        ref var oldest = ref talk.Queue.Oldest;
        if (oldest.Verb == Verb.Greeting)
        {
            talk.GreetingCode = reply.Code;
        }
        else if (oldest.Verb == Verb.EndOfData && client.Phase == ClientPhase.Data)
        {
            client.BodyWasAnswered();
        }

        var decides = oldest.EndsMessage;
        // The relay may have the whole message: what it will say, nobody knows.
        var owed = decides && talk.OwesVerdict();
        if (oldest.IsChunk || oldest.Verb == Verb.Burl)
        {
            talk.Transactions.Chunk(oldest, reply.Code);
        }

        var holds = Verbs.Holds(oldest.Verb);
        _pipeliningSeen = false;
        talk.BehindAuth |= oldest.Verb == Verb.Auth;
        talk.Answer(ref oldest, reply);
        if (holds)
        {
            // That command was not granted: what is held behind it are commands.
            client.Continue(ClientPhase.Command);
        }

        if (decides && talk.Transactions.IsOpen)
        {
            talk.Transactions.Final(reply.Code);
            talk.CloseTransaction(TransactionEnd.FinalReply, owed);
        }
    }

    private void Unsolicited(in Reply reply, long at)
    {
        talk.Observer.Unsolicited(reply);
        if (reply.Code == ReplyCode.ServiceClosing)
        {
            talk.Closing = true;
            talk.Report(Anomaly.Unsolicited421, Leg.Relay, at);
            return;
        }

        talk.Report(Anomaly.UnsolicitedReply, Leg.Relay, at);
        if (!talk.IsRead)
        {
            // While the client shakes hands. It will take that for the reply to its first command inside.
            talk.TlsStart.StrayAt ??= at;
            return;
        }

        talk.BecomeOpaque(OpaqueReason.Desynchronised, Leg.Relay, at);
    }

    private void Plain(ref Exchange exchange, in Reply reply, long at)
    {
        var (verb, index) = (exchange.Verb, exchange.Index);
        var mail = verb == Verb.Mail ? exchange : default;
        var ok = reply.IsPositive;
        if (verb == Verb.Greeting)
        {
            talk.GreetingCode = reply.Code;
        }

        if (reply.Severity == 3)
        {
            if (verb is Verb.Unknown or Verb.NotAVerb or Verb.Empty)
            {
                talk.Answer(ref exchange, reply);
                talk.BecomeOpaque(OpaqueReason.UnknownFraming, Leg.Relay, at);
                return;
            }

            talk.ReportIntermediate(reply, at);
        }

        talk.Answer(ref exchange, reply);
        switch (verb)
        {
            case Verb.Mail when ok:
                talk.CloseTransaction(TransactionEnd.Reset);
                talk.Transactions.Begin(mail, talk.SpeaksLmtp);
                talk.Observer.TransactionOpened(talk.Transactions.Open);
                break;
            case Verb.Rcpt:
                talk.Transactions.Recipient(index, ok);
                break;
            case Verb.Rset when ok:
                talk.CloseTransaction(TransactionEnd.Reset);
                break;
            case Verb.Ehlo or Verb.Lhlo:
                Introduced(verb, ok);
                talk.OffersPipelining = ok ? _pipeliningSeen : talk.OffersPipelining;
                _pipeliningSeen = false;
                ResetIf(ok);
                break;
            case Verb.Helo or Verb.XClient:
                talk.OffersPipelining &= !ok;
                ResetIf(ok);
                break;
            case Verb.Quit:
                talk.QuitAccepted = ok;
                talk.QuitSent = ok;
                if (ok)
                {
                    talk.CloseTransaction(TransactionEnd.Quit);
                }

                break;
        }
    }

    /// <summary>LHLO that is refused makes no LMTP of the dialogue (PROTOCOL 4.6).</summary>
    private void Introduced(Verb verb, bool accepted)
    {
        if (verb == Verb.Lhlo)
        {
            talk.SpeaksLmtp |= accepted;
            talk.Protocol = talk.SpeaksLmtp ? DialogueProtocol.Lmtp : DialogueProtocol.Smtp;
        }
    }

    private void ResetIf(bool accepted)
    {
        if (accepted)
        {
            talk.CloseTransaction(TransactionEnd.Reset);
        }
    }

    private void AuthReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (reply.Code == ReplyCode.Challenge)
        {
            exchange.Challenges++;
            if (client.Held.Length > 0)
            {
                talk.Report(Anomaly.AuthDataBefore334, Leg.Client, client.At - client.Held.Length);
            }

            talk.Observer.Continued(ref exchange, reply);
            client.Continue(ClientPhase.Auth);
            return;
        }

        if (reply.Severity == 3)
        {
            talk.ReportIntermediate(reply, at);
        }

        talk.BehindAuth = true;
        talk.Answer(ref exchange, reply);
        // Also when the relay gave up before a response was complete: the rest of that line is a command to it.
        client.Continue(ClientPhase.Command);
    }

    private void StartTlsReply(ref Exchange exchange, in Reply reply, long behind)
    {
        if (reply.Severity == 3)
        {
            talk.ReportIntermediate(reply, behind);
        }

        talk.Answer(ref exchange, reply);
        if (reply.Code != ReplyCode.Ready)
        {
            // Inside TLS it is refused as well, and takes nothing away.
            talk.Tls = talk.Tls == TlsState.None ? TlsState.Refused : talk.Tls;
            client.Continue(ClientPhase.Command);
            return;
        }

        talk.Tls = TlsState.StartTls;
        talk.CloseTransaction(TransactionEnd.Reset);
        talk.TlsBegins(client.Held, client.At, behind);
    }

    private void TurnReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (reply.Severity == 3)
        {
            talk.ReportIntermediate(reply, at);
        }

        talk.Answer(ref exchange, reply);
        if (!reply.IsPositive)
        {
            client.Continue(ClientPhase.Command);
            return;
        }

        talk.Report(Anomaly.RoleReversal, Leg.Relay, at);
        talk.CloseTransaction(TransactionEnd.Reset);
        talk.BecomeOpaque(OpaqueReason.RoleReversal, Leg.Relay, at);
    }
}
