using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Protocol;

/// <summary>Whose move it is; see <see cref="Dialogue.Turn"/>.</summary>
internal static class Turns
{
    /// <summary>The one whose move it is.</summary>
    public static Leg Of(DialogueState talk, ClientSide client)
    {
        if (talk.Opaque != OpaqueReason.None)
        {
            return talk.LastToSpeak.Other();
        }

        return talk.Queue.Count == 0 || talk.Queue.Oldest.Verb switch
        {
            Verb.EndOfData => client.Phase == ClientPhase.Data,
            Verb.Bdat => talk.Queue.Count == 1 && client.Phase == ClientPhase.Chunk,
            Verb.Auth => client.Phase == ClientPhase.Auth,
            _ => false,
        } ? Leg.Client : Leg.Relay;
    }
}
