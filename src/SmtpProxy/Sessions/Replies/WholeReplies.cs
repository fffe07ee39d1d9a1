using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Sessions.Replies;

/// <summary>Whether octets are what RFC 5321 4.2 calls a reply, and nothing else.</summary>
internal static class WholeReplies
{
    private const int LongestLine = 512;

    /// <summary>Whether they are one whole reply, well-formed to the last octet.</summary>
    /// <param name="octets">All that a client gets in one slot.</param>
    /// <param name="code">Its code; 0 when they are not.</param>
    public static bool TryRead(ReadOnlySpan<byte> octets, out int code)
    {
        code = 0;
        var first = 0;
        while (true)
        {
            var end = octets.IndexOf("\r\n"u8);
            if (end < 0 || end > LongestLine - 2 || octets[..end].IndexOfAny((byte)'\r', (byte)'\n') >= 0
                || !ReplyLine.TryParse(octets[..end], out var line) || line.Code is < 200 or > 599 || (first != 0 && line.Code != first))
            {
                return false;
            }

            first = line.Code;
            octets = octets[(end + 2)..];
            if (!line.Continues)
            {
                code = octets.IsEmpty ? first : 0;
                return octets.IsEmpty;
            }
        }
    }
}
