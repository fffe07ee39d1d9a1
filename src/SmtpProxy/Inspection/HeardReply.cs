using System.Text;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Inspection;

/// <summary>One whole reply of a server, as it was heard.</summary>
/// <param name="Code">Code of its last line.</param>
/// <param name="Octets">All of it, with its line ends.</param>
internal sealed record HeardReply(int Code, byte[] Octets)
{
    /// <summary>Longest line of a reply, with CRLF (RFC 5321 4.5.3.1.5).</summary>
    private const int LongestLine = 512;

    /// <summary>It need not have an enhanced code: it is a greeting, or answers EHLO (RFC 2034 4).</summary>
    public bool IsExempt { get; init; }

    /// <summary>The text of each line after code and separator.</summary>
    public IReadOnlyList<string> Lines { get; } = Texts(Octets);

    /// <summary>The enhanced code of the last line, if there is one (RFC 2034).</summary>
    public EnhancedCode Enhanced => EnhancedCode.Read(Encoding.Latin1.GetBytes(Lines[^1]));

    /// <summary>All lines in one, as a refusal is read.</summary>
    public string Text => string.Join(' ', Lines);

    /// <summary>The code and the last line.</summary>
    public string LastLine => $"{Code} {Lines[^1]}".TrimEnd();

    /// <summary>2yz.</summary>
    public bool IsPositive => Code / 100 == 2;

    /// <summary>5yz.</summary>
    public bool IsFinal => Code / 100 == 5;

    /// <summary>Every line begins with an enhanced code of the reply's class (RFC 2034 4).</summary>
    public bool HasEnhancedCodes =>
        Lines.All(line => EnhancedCode.Read(Encoding.Latin1.GetBytes(line)) is { IsPresent: true } enhanced
            && enhanced.Class == Code / 100);

    /// <summary>What is wrong with its form (RFC 5321 4.2, 4.5.3.1.5), each in words.</summary>
    public IEnumerable<string> Flaws()
    {
        var codes = new HashSet<int>();
        foreach (var line in Ranges(Octets).Select(range => Octets[range]))
        {
            var bare = line.AsSpan().TrimEnd("\r\n"u8).ToArray();
            if (ReplyLine.TryParse(bare, out var parsed))
            {
                codes.Add(parsed.Code);
            }

            if (line is not [.., (byte)'\r', (byte)'\n'])
            {
                yield return $"a line ends with LF alone: \"{Encoding.UTF8.GetString(bare)}\"";
            }

            if (line.Length > LongestLine)
            {
                yield return $"a line has {line.Length} octets, and {LongestLine} are allowed";
            }
        }

        if (codes.Count > 1)
        {
            yield return $"the lines of one reply have different codes: {string.Join(", ", codes)}";
        }

        if (Code is < 200 or > 599)
        {
            yield return $"{Code} is no code of SMTP";
        }
    }

    private static List<string> Texts(byte[] octets)
    {
        List<string> all = [];
        foreach (var range in Ranges(octets))
        {
            if (ReplyLine.TryParse(octets.AsSpan(range).TrimEnd("\r\n"u8), out var line))
            {
                all.Add(Encoding.UTF8.GetString(line.Text));
            }
        }

        return all;
    }

    private static IEnumerable<Range> Ranges(byte[] octets)
    {
        for (var start = 0; start < octets.Length;)
        {
            var end = Array.IndexOf(octets, (byte)'\n', start) is var at and >= 0 ? at + 1 : octets.Length;
            yield return start..end;
            start = end;
        }
    }
}
