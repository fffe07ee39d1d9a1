namespace SmtpProxy.Sessions.Replies;

/// <summary>A reply to EHLO that a relay gave once (RFC 5321 4.1.1.1).</summary>
internal static class EhloReply
{
    /// <summary>The same granted to HELO, which is offered nothing: the first line alone.</summary>
    public static byte[] ToHelo(ReadOnlySpan<byte> reply)
    {
        byte[] line = [.. reply[..(reply.IndexOf((byte)'\n') + 1)]];
        if (line is [_, _, _, (byte)'-', ..])
        {
            line[3] = (byte)' ';
        }

        return line;
    }
}
