using System.Text;
using SmtpProxy.Protocol.Lines;

namespace SmtpProxy.Protocol.Replies;

/// <summary>Collects one reply of a relay (RFC 5321 4.2.1), however it is cut, and keeps its octets.</summary>
public sealed class ReplyCollector
{
    private const int Longest = 16 * 1024;
    private readonly List<byte> _octets = [];
    private int _lineStart;

    /// <summary>The reply's code, once it is complete.</summary>
    public int? Code { get; private set; }

    /// <summary>It is no reply, or too long for one.</summary>
    public bool IsHopeless { get; private set; }

    /// <summary>All octets so far.</summary>
    public byte[] Octets => [.. _octets];

    /// <summary>What stands behind code and separator, line by line.</summary>
    public IEnumerable<string> Texts => Encoding.Latin1.GetString(Octets).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => line.TrimEnd('\r')).Select(static line => line.Length > 4 ? line[4..] : "");

    /// <summary>Takes octets up to the end of the reply; answers how many.</summary>
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
            else if (!line.Continues)
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
