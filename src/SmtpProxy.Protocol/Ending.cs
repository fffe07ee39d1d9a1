using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol;

/// <summary>What is left when the connection is over (PROTOCOL 12, "at the end of the connection", and 13).</summary>
internal static class Ending
{
    /// <summary>Where the dialogue stands.</summary>
    public static FinalState StateOf(DialogueState talk, ClientSide client, RelaySide relay)
    {
        if (talk.Opaque != OpaqueReason.None)
        {
            return talk.TlsStart.IsUnderWayHere && talk.Closing
                ? FinalState.Closing421 : talk.Opaque == OpaqueReason.Tls
                && talk.Tls is TlsState.StartTls or TlsState.Implicit ? FinalState.Tls : FinalState.Opaque;
        }

        if (talk.QuitAccepted)
        {
            return FinalState.Quit;
        }

        if (talk.Closing)
        {
            return FinalState.Closing421;
        }

        if (talk.GreetingCode / 100 is 4 or 5)
        {
            return FinalState.Rejected;
        }

        if (relay.InsideReply)
        {
            return FinalState.Reply;
        }

        if (talk.GreetingCode == 0)
        {
            return FinalState.Greeting;
        }

        return client.Phase switch
        {
            ClientPhase.Data => FinalState.Data,
            ClientPhase.Chunk => FinalState.Bdat,
            _ when talk.Queue.Count > 0 && talk.Queue.Oldest.Verb == Verb.Auth => FinalState.Auth,
            _ => FinalState.Command,
        };
    }

    /// <summary>Reports what is truncated and unanswered, and ends the open transaction.</summary>
    public static void Settle(DialogueState talk, ClientSide client, RelaySide relay)
    {
        if (talk.Opaque != OpaqueReason.None)
        {
            return;
        }

        if (relay.InsideReply)
        {
            talk.Report(Anomaly.TruncatedReply, Leg.Relay, relay.At);
        }

        if (client.Phase is ClientPhase.Data or ClientPhase.Chunk)
        {
            talk.Report(Anomaly.TruncatedData, Leg.Client, client.At);
        }
        else if (client.InsideLine)
        {
            talk.Report(Anomaly.TruncatedCommand, Leg.Client, client.At);
        }

        var greetingMissing = talk.Queue.Count > 0 && talk.Queue.Oldest.Verb == Verb.Greeting;
        if (greetingMissing)
        {
            talk.Report(Anomaly.MissingGreeting, Leg.Relay, relay.At);
        }

        // In a body nothing else is outstanding, and its end, which was not sent, is owed no reply (PROTOCOL 5.7).
        var inBody = client.Phase == ClientPhase.Data;
        if (talk.Queue.Count > (greetingMissing ? 1 : 0) && !inBody && !talk.Closing && !talk.QuitAccepted)
        {
            talk.Report(Anomaly.MissingReply, Leg.Relay, relay.At);
        }

        var owed = talk.OwesVerdict();
        UnansweredExchanges.Settle(talk);
        talk.CloseTransaction(TransactionEnd.ConnectionEnded, owed);
    }
}
