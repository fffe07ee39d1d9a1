using SmtpProxy.Protocol.Commands;
using SmtpProxy.Sessions.Replies;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>Chooses what a client hears that talks on after a fault took its relay away: enough to leave in good order, no more.</summary>
internal static class LocalTail
{
    /// <summary>Returns the reply to a command.</summary>
    /// <param name="verb">What was said.</param>
    /// <param name="refused">The greeting was 554: all but QUIT is 503 (RFC 5321 3.1).</param>
    /// <param name="ends">Whether the session ends after it.</param>
    public static byte[] Answer(Verb verb, bool refused, out bool ends)
    {
        ends = verb == Verb.Quit;
        if (ends)
        {
            return LocalReply.AfterFault.Bye;
        }

        if (refused)
        {
            return LocalReply.AfterFault.BadSequence;
        }

        if (verb is Verb.Rset or Verb.Noop)
        {
            return LocalReply.AfterFault.Ok;
        }

        ends = true;
        return LocalReply.AfterFault.Closing;
    }
}
