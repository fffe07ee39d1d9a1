using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Protocol;

/// <summary>What replies to DATA, to the end of the data, to chunks and to BURL mean for the message.</summary>
internal sealed class MessageReplies(Conversation talk, ClientSide client)
{
    /// <summary>The reply to DATA: the go-ahead, or none (PROTOCOL 5.2, 5.3).</summary>
    public void DataReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (reply.Severity != 3)
        {
            if (reply.IsPositive)
            {
                talk.Report(Anomaly.UnexpectedDataReply, Leg.Relay, at);
            }

            talk.Answer(ref exchange, reply);
            client.Continue(ClientPhase.Command);
            return;
        }

        if (reply.Code != ReplyCode.GoAhead)
        {
            talk.Report(Anomaly.NonstandardGoAhead, Leg.Relay, at);
        }

        if (client.Held.Length > 0)
        {
            talk.Report(Anomaly.DataBefore354, Leg.Client, client.At - client.Held.Length);
        }

        if (talk.Transactions is not { IsOpen: true, Open.Accepted: > 0 })
        {
            talk.Report(Anomaly.DataWithoutRecipients, Leg.Relay, at);
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

    /// <summary>A reply to the message data (PROTOCOL 5.6 to 5.9, 9).</summary>
    public void FinalReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (client.Phase == ClientPhase.Data)
        {
            ReplyBeforeEnd(ref exchange, reply, at);
            return;
        }

        Verdict(ref exchange, reply, at);
    }

    /// <summary>A reply to BDAT or BURL (PROTOCOL 5.10, 6).</summary>
    public void ChunkReply(ref Exchange exchange, in Reply reply, long at)
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
            talk.ReportIntermediate(reply, at);
        }

        talk.Answer(ref exchange, reply);
    }

    /// <summary>The relay speaks while the message is still being sent (PROTOCOL 5.7).</summary>
    private void ReplyBeforeEnd(ref Exchange exchange, in Reply reply, long at)
    {
        talk.Report(reply.Code == ReplyCode.ServiceClosing ? Anomaly.Unsolicited421 : Anomaly.ReplyBeforeEod, Leg.Relay, at);
        client.BodyWasAnswered();
        talk.Answer(ref exchange, reply);
        if (talk.Transactions.IsOpen)
        {
            talk.Transactions.Final(reply.Code);
        }

        if (reply.Severity is not (4 or 5))
        {
            // It took something for the end of data that is none: nothing is certain from here.
            talk.BecomeOpaque(OpaqueReason.Desynchronised, Leg.Relay, at);
        }
    }

    /// <summary>A reply to a whole message: the one, or one of those per recipient (RFC 2033 4.2; PRDR).</summary>
    private void Verdict(ref Exchange exchange, in Reply reply, long at)
    {
        if (exchange.RepliesLeft == 0)
        {
            var accepted = talk.Transactions.IsOpen ? talk.Transactions.Open.Accepted : 0;
            if (exchange.PerRecipient && reply.Code == ReplyCode.PerRecipientFollow)
            {
                exchange.RepliesLeft = accepted + 1;
                exchange.RecipientIndex = talk.Transactions.AcceptedIndex(0);
                talk.Observer.Continued(ref exchange, reply);
                return;
            }

            exchange.RepliesLeft = talk.SpeaksLmtp ? Math.Max(1, accepted) : 1;
            exchange.RecipientIndex = talk.SpeaksLmtp ? talk.Transactions.AcceptedIndex(0) : -1;
        }

        if (reply.Severity == 3)
        {
            talk.ReportIntermediate(reply, at);
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
}
