using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol;

/// <summary>Exchanges that get no reply any more: the connection is over, or nothing is read from here (PROTOCOL 11.3, 12).</summary>
internal static class UnansweredExchanges
{
    /// <summary>Everything outstanding stays without a reply.</summary>
    public static void Settle(DialogueState talk)
    {
        talk.Withheld.Forget();
        var isOfTransaction = true;
        while (talk.Queue.Count > 0)
        {
            ref var oldest = ref talk.Queue.Oldest;
            isOfTransaction &= !DialogueState.EndsTransaction(oldest.Verb);
            if (isOfTransaction && oldest.IsChunk)
            {
                talk.Transactions.ChunkSent();
            }

            Settle(talk, ref oldest);
            talk.Queue.RemoveOldest();
        }
    }

    private static void Settle(DialogueState talk, ref Exchange oldest)
    {
        if (oldest is { Verb: Verb.EndOfData, IsComplete: false })
        {
            talk.Observer.Withdrawn(ref oldest);
            return;
        }

        var left = Math.Max(1, oldest.RepliesLeft);
        if (oldest is { Verb: Verb.EndOfData, RepliesLeft: 0 } && talk.SpeaksLmtp && talk.Transactions.IsOpen)
        {
            left = Math.Max(1, talk.Transactions.Open.Accepted);
            oldest.RecipientIndex = talk.Transactions.AcceptedIndex(0);
        }

        for (; left > 0; left--)
        {
            talk.Observer.Unanswered(ref oldest);
            talk.NextPart(ref oldest);
        }
    }
}
