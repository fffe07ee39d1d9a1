using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>What replies to DATA, to the end of the data, to chunks and to BURL mean for the message.</summary>
internal sealed class MessageReplies(DialogueState talk, ClientSide client)
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
        // The go-ahead grants a command, too.
        (talk.BehindAuth, talk.StrayMessage) = (false, default);
        talk.Queue.RemoveOldest();
        if (talk.Transactions.IsOpen)
        {
            talk.Transactions.BodyBegins();
        }

        talk.Open(new Exchange { Verb = Verb.EndOfData }, default, default);
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

    /// <summary>A reply to a chunk, or to BURL (PROTOCOL 5.10, 6).</summary>
    public void ChunkReply(ref Exchange exchange, in Reply reply, long at)
    {
        if (exchange.Last)
        {
            Verdict(ref exchange, reply, at);
            return;
        }

        talk.Transactions.Chunk(exchange, reply.Code);
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
        talk.Transactions.Final(reply.Code);
        if (reply.Severity is not (4 or 5))
        {
            // It took something for the end of data that is none: nothing is certain from here.
            talk.BecomeOpaque(OpaqueReason.Desynchronised, Leg.Relay, at);
        }
    }

    /// <summary>A reply to a whole message: the one; one of those per recipient (RFC 2033 4.2); or, with PRDR, the announcement, one per
    /// recipient, or the one for all, which decides.</summary>
    private void Verdict(ref Exchange exchange, in Reply reply, long at)
    {
        if (exchange.RepliesLeft == 0 && Announces(ref exchange, reply))
        {
            return;
        }

        if (reply.Severity == 3)
        {
            talk.ReportIntermediate(reply, at);
        }

        var isForAll = exchange.RepliesLeft == 1;
        if (exchange.Verb != Verb.EndOfData && (exchange.PerRecipient ? isForAll : exchange.Part == 0))
        {
            talk.Transactions.Chunk(exchange, reply.Code);
        }

        if (isForAll || !exchange.PerRecipient)
        {
            talk.Transactions.Final(reply.Code);
        }

        talk.Observer.Answered(ref exchange, reply);
        talk.BehindAuth &= !reply.IsPositive;
        exchange.RepliesLeft--;
        if (exchange.RepliesLeft > 0)
        {
            talk.NextPart(ref exchange);
            return;
        }

        talk.Queue.RemoveOldest();
        talk.CloseTransaction(TransactionEnd.FinalReply);
    }

    /// <summary>Finds out at the first reply to a message how many there will be; true where it is 353, which only says so.</summary>
    private bool Announces(ref Exchange exchange, in Reply reply)
    {
        var accepted = talk.Transactions.IsOpen ? talk.Transactions.Open.Accepted : 0;
        if (reply.Code == ReplyCode.PerRecipientFollow && talk.Transactions.AsksPerRecipient)
        {
            talk.Observer.Continued(ref exchange, reply);
            (exchange.PerRecipient, exchange.RepliesLeft) = (true, accepted + 1);
            talk.NextPart(ref exchange);
            return true;
        }

        exchange.RepliesLeft = talk.SpeaksLmtp ? Math.Max(1, accepted) : 1;
        exchange.RecipientIndex = talk.SpeaksLmtp ? talk.Transactions.AcceptedIndex(0) : -1;
        return false;
    }
}
