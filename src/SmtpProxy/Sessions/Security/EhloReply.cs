using System.Text;

namespace SmtpProxy.Sessions.Security;

/// <summary>Changes what a reply to EHLO offers (RFC 5321 4.1.1.1), and nothing else of it.</summary>
internal static class EhloReply
{
    /// <summary>Whether a keyword is offered.</summary>
    public static bool Offers(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> keyword)
    {
        var isFirst = true;
        foreach (var range in reply.Split((byte)'\n'))
        {
            if (!isFirst && IsOf(reply[range], keyword))
            {
                return true;
            }

            isFirst = false;
        }

        return false;
    }

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

    /// <summary>The reply without some keywords, and with another.</summary>
    /// <param name="reply">The whole 250 reply.</param>
    /// <param name="without">Keywords that shall not be offered, upper case.</param>
    /// <param name="with">One that shall; empty: none.</param>
    public static byte[] Change(ReadOnlySpan<byte> reply, IReadOnlyCollection<byte[]> without, ReadOnlySpan<byte> with)
    {
        var lines = new List<byte[]>();
        foreach (var range in reply.Split((byte)'\n'))
        {
            var line = reply[range];
            if (line.Length < 3)
            {
                continue;
            }

            var isKept = lines.Count == 0;
            if (!isKept)
            {
                isKept = true;
                foreach (var keyword in without)
                {
                    isKept &= !IsOf(line, keyword);
                }
            }

            if (isKept)
            {
                lines.Add([.. line, (byte)'\n']);
            }
        }

        if (!with.IsEmpty)
        {
            lines.Add([.. lines[0].AsSpan(0, 3), (byte)' ', .. with, (byte)'\r', (byte)'\n']);
        }

        for (var n = 0; n < lines.Count; n++)
        {
            if (lines[n].Length > 4 && lines[n][3] is (byte)' ' or (byte)'-')
            {
                lines[n][3] = (byte)(n == lines.Count - 1 ? ' ' : '-');
            }
        }

        return [.. lines.SelectMany(static line => line)];
    }

    private static bool IsOf(ReadOnlySpan<byte> line, ReadOnlySpan<byte> keyword) =>
        line.Length >= 4 + keyword.Length
        && Ascii.EqualsIgnoreCase(line.Slice(4, keyword.Length), keyword)
        && (line.Length == 4 + keyword.Length || line[4 + keyword.Length] is (byte)' ' or (byte)'\r' or (byte)'=');
}
