using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Sessions.Faulted;

/// <summary>What a client hears when a fault took its relay away and it talks on (the local tail): enough to leave in good order, no more.</summary>
internal static class LocalTail
{
    /// <summary>STARTTLS or SIZE that the client was not shown.</summary>
    public static readonly byte[] NotOffered = "502 5.5.1 Command not implemented\r\n"u8.ToArray();

    /// <summary>MAIL that declares more than the SIZE that the client was shown (RFC 1870 6.1).</summary>
    public static readonly byte[] TooBig = "552 5.3.4 Message size exceeds fixed maximum message size\r\n"u8.ToArray();

    /// <summary>The relay is gone: nothing can be asked of it any more.</summary>
    public static readonly byte[] Closing = "421 4.3.2 Service not available, closing transmission channel\r\n"u8.ToArray();

    private static readonly byte[] Ok = "250 2.0.0 Ok\r\n"u8.ToArray();
    private static readonly byte[] Bye = "221 2.0.0 Bye\r\n"u8.ToArray();
    private static readonly byte[] Bad = "503 5.5.1 Bad sequence of commands\r\n"u8.ToArray();

    /// <summary>The answer to a command.</summary>
    /// <param name="verb">What was said.</param>
    /// <param name="refused">The greeting was 554: all but QUIT is 503 (RFC 5321 3.1).</param>
    /// <param name="ends">Whether the session ends behind it.</param>
    public static byte[] Answer(Verb verb, bool refused, out bool ends)
    {
        ends = verb == Verb.Quit;
        if (ends)
        {
            return Bye;
        }

        if (refused)
        {
            return Bad;
        }

        if (verb is Verb.Rset or Verb.Noop)
        {
            return Ok;
        }

        ends = true;
        return Closing;
    }
}
