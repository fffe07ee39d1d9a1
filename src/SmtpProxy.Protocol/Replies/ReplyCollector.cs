using System.Runtime.InteropServices;
using SmtpProxy.Protocol.Lines;

namespace SmtpProxy.Protocol.Replies;

/// <summary>Puts lines together to one reply (RFC 5321 4.2.1), however it is cut, and keeps its octets. Lines <c>0yz</c>, by which Sendmail
/// tells what it does, answer nothing: they are kept, and the reply is what comes with or after them.</summary>
public sealed class ReplyCollector
{
    /// <summary>Of a reply line, with its CRLF (RFC 5321 4.5.3.1.5).</summary>
    private const int LongestLine = 512;

    private const int Longest = 16 * 1024;
    private readonly List<byte> _octets = [];
    private int _lineStart;

    /// <summary>The reply's code, once it is complete.</summary>
    public int? Code { get; private set; }

    /// <summary>It is no reply, or too long for one.</summary>
    public bool IsHopeless { get; private set; }

    /// <summary>All octets so far.</summary>
    public byte[] Octets => [.. _octets];

    /// <summary>The lines that answer, without those that only inform.</summary>
    public byte[] Answer => AnswerIn(CollectionsMarshal.AsSpan(_octets)).Lines;

    /// <summary>Whether a line that begins with these octets only informs: no code of a reply begins with 0.</summary>
    public static bool BeginsInformation(ReadOnlySpan<byte> octets) => octets is [(byte)'0', ..];

    /// <summary>Of a whole reply the lines that answer, without those that only inform, and its code: that of the last of them
    /// (PROTOCOL 3.3, 10.9); 0 when there is none.</summary>
    public static (int Code, byte[] Lines) AnswerIn(ReadOnlySpan<byte> reply)
    {
        var (code, answer) = (0, new List<byte>(reply.Length));
        while (!reply.IsEmpty)
        {
            var end = reply.IndexOf((byte)'\n');
            var line = end < 0 ? reply : reply[..(end + 1)];
            reply = reply[line.Length..];
            if (!BeginsInformation(line))
            {
                answer.AddRange(line);
                code = ReplyLine.TryParse(line.TrimEnd("\r\n"u8), out var parsed) ? parsed.Code : code;
            }
        }

        return (code, [.. answer]);
    }

    /// <summary>Whether octets are one whole reply and nothing else, well-formed to the last of them (RFC 5321 4.2).</summary>
    /// <param name="octets">All that a client gets in one reply's place.</param>
    /// <param name="code">Its code; 0 when they are not.</param>
    public static bool IsWhole(ReadOnlySpan<byte> octets, out int code)
    {
        code = 0;
        var first = 0;
        while (true)
        {
            var end = octets.IndexOf("\r\n"u8);
            if (end is < 0 or > LongestLine - 2 || octets[..end].IndexOfAny((byte)'\r', (byte)'\n') >= 0
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

    /// <summary>Takes octets up to the end of the reply; returns how many.</summary>
    public int Take(ReadOnlySpan<byte> octets)
    {
        for (var n = 0; n < octets.Length; n++)
        {
            _octets.Add(octets[n]);
            if (octets[n] != (byte)'\n')
            {
                IsHopeless |= _octets.Count >= Longest;
            }
            else if (!ReplyLine.TryParse(Line(), out var line))
            {
                IsHopeless = true;
            }
            else if (line.EndsReply)
            {
                Code = line.Code;
                return n + 1;
            }

            _lineStart = octets[n] == (byte)'\n' ? _octets.Count : _lineStart;
            if (IsHopeless)
            {
                return n + 1;
            }
        }

        return octets.Length;
    }

    private byte[] Line()
    {
        var end = _octets.Count - 1;
        while (end > _lineStart && _octets[end - 1] == (byte)'\r')
        {
            end--;
        }

        return [.. _octets[_lineStart..end]];
    }
}
