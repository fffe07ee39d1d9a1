namespace SmtpProxy.Protocol;

/// <summary>Gives each reply to the oldest exchange and draws the conclusions (PROTOCOL 4.1, 4.6: state follows the replies).</summary>
internal sealed class ReplyMatcher(Conversation talk, ClientSide client)
{
    private const ushort ServiceClosing = 421;
    private const ushort Challenge = 334;
    private const ushort GoAhead = 354;
    private const ushort PerRecipientFollow = 353;
    private bool _pipeliningSeen;

    /// <summary>A line behind the first of a reply that is not complete yet.</summary>
    public void CapabilityLine(ReadOnlySpan<byte> text)
    {
        if (talk.Queue.Count > 0 && talk.Queue.Oldest.Verb is Verb.Ehlo or Verb.Lhlo)
        {
            _pipeliningSeen |= CommandLine.HasParameter(text, "PIPELINING"u8);
            talk.Observer.CapabilityLine(ref talk.Queue.Oldest, text);
        }
    }

    /// <summary>A reply is complete.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="at">Where its last line begins in the server's stream.</param>
    /// <param name="behind">Where the next octet of the server will be.</param>
    public void Replied(in Reply reply, long at, long behind)
    {
        if (talk.Queue.Count == 0)
        {
            Unsolicited(reply, at);
            return;
        }

        talk.Closing |= reply.Code == ServiceClosing;
        ref var oldest = ref talk.Queue.Oldest;
        switch (oldest.Verb)
        {
            case Verb.EndOfData:
                FinalReply(ref oldest, reply, at);
                break;
            case Verb.Data:
                DataReply(ref oldest, reply, at);
                break;
            case Verb.Auth:
                AuthReply(ref oldest, reply, at);
                break;
            case Verb.StartTls:
                StartTlsReply(ref oldest, reply, behind);
                break;
            case Verb.Turn or Verb.Atrn:
                TurnReply(ref oldest, reply, at);
                break;
            case Verb.Bdat or Verb.Burl:
                ChunkReply(ref oldest, reply, at);
                break;
            default:
                Plain(ref oldest, reply, at);
                break;
        }
    }

    /// <summary>A reply that the proxy gave in the server's name.</summary>
    public void RepliedByProxy(in Reply reply)
    {
        talk.Closing |= reply.Code == ServiceClosing;
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

        var decides = oldest.Verb == Verb.EndOfData || oldest is { Verb: Verb.Bdat or Verb.Burl, Last: true };
        // The relay may have the whole message: what it will say, nobody knows.
        var owed = decides && talk.OwesVerdict(client.Phase == ClientPhase.Data);
        Answer(ref oldest, reply);
        if (decides && talk.Transactions.IsOpen)
        {
            talk.Transactions.Final(reply.Code);
            talk.CloseTransaction(TransactionEnd.FinalReply, owed);
        }
    }

    private static bool IsPositive(in Reply reply) => reply.Severity == 2;

    private void Answer(ref Exchange exchange, in Reply reply)
    {
        talk.Observer.Answered(ref exchange, reply);
        talk.Queue.RemoveOldest();
    }

    private void Unsolicited(in Reply reply, long at)
    {
        talk.Observer.Unsolicited(reply);
        if (reply.Code == ServiceClosing)
        {
            talk.Closing = true;
            talk.Report(Anomaly.Unsolicited421, Party.Server, at);
            return;
        }

        talk.Report(Anomaly.UnsolicitedReply, Party.Server, at);
        talk.BecomeOpaque(OpaqueReason.Desynchronised, Party.Server, at);
    }

    private void Plain(ref Exchange exchange, in Reply reply, long at)
    {
        var (verb, index, perRecipient) = (exchange.Verb, exchange.Index, exchange.PerRecipient);
        var ok = IsPositive(reply);
        if (verb == Verb.Greeting)
        {
            talk.GreetingCode = reply.Code;
        }

        if (reply.Severity == 3)
        {
            if (verb is Verb.Unknown or Verb.NotAVerb or Verb.Empty)
            {
                Answer(ref exchange, reply);
                talk.BecomeOpaque(OpaqueReason.UnknownFraming, Party.Server, at);
                return;
            }

            ReportIntermediate(reply, at);
        }

        Answer(ref exchange, reply);
        switch (verb)
        {
            case Verb.Mail when ok:
                talk.CloseTransaction(TransactionEnd.Reset);
                talk.Transactions.Begin(index, perRecipient);
                talk.Observer.TransactionOpened(talk.Transactions.Open);
                break;
            case Verb.Rcpt:
                talk.Transactions.Recipient(index, ok);
                break;
            case Verb.Rset when ok:
                talk.CloseTransaction(TransactionEnd.Reset);
                break;
            case Verb.Ehlo or Verb.Lhlo:
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

    private void ResetIf(bool accepted)
    {
        if (accepted)
        {
            talk.CloseTransaction(TransactionEnd.Reset);
        }
    }

    private void ReportIntermediate(in Reply reply, long at) => talk.Report(
        reply.Code switch
        {
            Challenge => Anomaly.Unexpected334,
            GoAhead => Anomaly.Unexpected354,
            _ => Anomaly.Unexpected3yz,
        },
        Party.Server,
        at);

    private void DataReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (reply.Severity != 3)
        {
            if (IsPositive(reply))
            {
                talk.Report(Anomaly.UnexpectedDataReply, Party.Server, at);
            }

            Answer(ref exchange, reply);
            client.Continue(ClientPhase.Command);
            return;
        }

        if (reply.Code != GoAhead)
        {
            talk.Report(Anomaly.NonstandardGoAhead, Party.Server, at);
        }

        if (client.Held.Length > 0)
        {
            talk.Report(Anomaly.DataBefore354, Party.Client, client.At - client.Held.Length);
        }

        if (talk.Transactions is not { IsOpen: true, Open.Accepted: > 0 })
        {
            talk.Report(Anomaly.DataWithoutRecipients, Party.Server, at);
        }

        talk.Observer.Continued(ref exchange, reply);
        talk.Queue.RemoveOldest();
        if (talk.Transactions.IsOpen)
        {
            talk.Transactions.BodyBegins();
        }

        talk.Open(new Exchange { Verb = Verb.EndOfData, PerRecipient = talk.Transactions.AsksPerRecipient }, default, default);
        client.Continue(ClientPhase.Data);
    }

    private void FinalReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (client.Phase == ClientPhase.Data)
        {
            ReplyBeforeEnd(ref exchange, reply, at);
            return;
        }

        Verdict(ref exchange, reply, at);
    }

    /// <summary>The server speaks while the message is still being sent (PROTOCOL 5.7).</summary>
    private void ReplyBeforeEnd(ref Exchange exchange, in Reply reply, long at)
    {
        talk.Report(reply.Code == ServiceClosing ? Anomaly.Unsolicited421 : Anomaly.ReplyBeforeEod, Party.Server, at);
        client.BodyWasAnswered();
        Answer(ref exchange, reply);
        if (talk.Transactions.IsOpen)
        {
            talk.Transactions.Final(reply.Code);
        }

        if (reply.Severity is not (4 or 5))
        {
            // It took something for the end of data that is none: nothing is certain from here.
            talk.BecomeOpaque(OpaqueReason.Desynchronised, Party.Server, at);
        }
    }

    private void ChunkReply(ref Exchange exchange, in Reply reply, long at)
    {
        var via = exchange.Verb == Verb.Bdat ? Via.Bdat : Via.Burl;
        if (talk.Transactions.IsOpen && exchange.Part == 0)
        {
            talk.Transactions.Chunk(via, exchange.Size, reply.Code);
        }

        if (exchange.Last)
        {
            Verdict(ref exchange, reply, at);
            return;
        }

        if (reply.Severity == 3)
        {
            ReportIntermediate(reply, at);
        }

        Answer(ref exchange, reply);
    }

    /// <summary>A reply to a whole message: the one, or one of those per recipient (RFC 2033 4.2; PRDR).</summary>
    private void Verdict(ref Exchange exchange, in Reply reply, long at)
    {
        if (exchange.RepliesLeft == 0)
        {
            var accepted = talk.Transactions.IsOpen ? talk.Transactions.Open.Accepted : 0;
            if (exchange.PerRecipient && reply.Code == PerRecipientFollow)
            {
                exchange.RepliesLeft = accepted + 1;
                exchange.RecipientIndex = talk.Transactions.AcceptedIndex(0);
                talk.Observer.Continued(ref exchange, reply);
                return;
            }

            exchange.RepliesLeft = talk.Protocol == DialogueProtocol.Lmtp ? Math.Max(1, accepted) : 1;
            exchange.RecipientIndex = talk.Protocol == DialogueProtocol.Lmtp ? talk.Transactions.AcceptedIndex(0) : -1;
        }

        if (reply.Severity == 3)
        {
            ReportIntermediate(reply, at);
        }

        if (talk.Transactions.IsOpen)
        {
            talk.Transactions.Final(reply.Code);
        }

        talk.Observer.Answered(ref exchange, reply);
        exchange.RepliesLeft--;
        if (exchange.RepliesLeft > 0)
        {
            exchange.Part++;
            exchange.RecipientIndex = talk.Transactions.AcceptedIndex(exchange.Part);
            return;
        }

        talk.Queue.RemoveOldest();
        talk.CloseTransaction(TransactionEnd.FinalReply);
    }

    private void AuthReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (reply.Code == Challenge)
        {
            exchange.Challenges++;
            if (client.Held.Length > 0)
            {
                talk.Report(Anomaly.AuthDataBefore334, Party.Client, client.At - client.Held.Length);
            }

            talk.Observer.Continued(ref exchange, reply);
            client.Continue(ClientPhase.Auth);
            return;
        }

        if (reply.Severity == 3)
        {
            ReportIntermediate(reply, at);
        }

        talk.BehindAuth = true;
        Answer(ref exchange, reply);
        // Also when the server gave up before a response was complete: the rest of that line is a command to it.
        client.Continue(ClientPhase.Command);
    }

    private void StartTlsReply(ref Exchange exchange, in Reply reply, long behind)
    {
        const ushort Ready = 220;
        if (reply.Severity == 3)
        {
            ReportIntermediate(reply, behind);
        }

        Answer(ref exchange, reply);
        if (reply.Code != Ready)
        {
            talk.Tls = TlsState.Refused;
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
            ReportIntermediate(reply, at);
        }

        Answer(ref exchange, reply);
        if (!IsPositive(reply))
        {
            client.Continue(ClientPhase.Command);
            return;
        }

        talk.Report(Anomaly.RoleReversal, Party.Server, at);
        talk.CloseTransaction(TransactionEnd.Reset);
        talk.BecomeOpaque(OpaqueReason.RoleReversal, Party.Server, at);
    }
}
