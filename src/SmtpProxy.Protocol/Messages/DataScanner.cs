using System.Buffers;

namespace SmtpProxy.Protocol.Messages;

/// <summary>What a scan of message data came upon.</summary>
[Flags]
public enum DataFindings : byte
{
    /// <summary>Nothing unusual.</summary>
    None = 0,

    /// <summary>LF without CR.</summary>
    BareLf = 1,

    /// <summary>CR without LF.</summary>
    BareCr = 2,

    /// <summary>NUL.</summary>
    Nul = 4,

    /// <summary>A line beyond 1000 octets (RFC 5321 4.5.3.1.6).</summary>
    LongLine = 8,

    /// <summary>What a lax relay might take for the end (PROTOCOL 5.5).</summary>
    LaxEnd = 16,
}

/// <summary>
/// Finds the end of message data, <c>CRLF.CRLF</c> and nothing else (RFC 5321 4.1.1.4; PROTOCOL 5.4), and what lax servers might take
/// for it (5.5). Resumable at any octet. Plain text passes in blocks, see <see cref="PlainText"/>; everything else octet by octet and,
/// within lines, at the speed of a vectorised search.
/// </summary>
public struct DataScanner
{
    private const int LongestLine = 1000;
    private const int LongestStride = 16 * PlainText.Block;
    private static readonly SearchValues<byte> Marks = SearchValues.Create(0, (byte)'\r', (byte)'\n');
    private LineContent _content;
    private bool _afterCrLf;
    private bool _nulInLine;
    private bool _pendingCr;
    private long _lineLength;
    private bool _dotLine;
    private long _stuffedDots;

    /// <summary>What a line holds so far under the laxest reading: lines end in CRLF, LF or CR, and NUL does not count.</summary>
    private enum LineContent : byte
    {
        Nothing,
        Dot,
        Other,
    }

    /// <summary>Octets so far, without the final dot line once it was found.</summary>
    public long WireOctets { get; private set; }

    /// <summary>The same without the transparency dots: one at the beginning of each CRLF line (RFC 5321 4.5.2).</summary>
    public readonly long MessageOctets => WireOctets - _stuffedDots;

    /// <summary>Everything it came upon.</summary>
    public DataFindings Findings { get; private set; }

    /// <summary>Whether it is within a line that cannot end the data, or at the beginning of one, and owes
    /// nothing to the octet before.</summary>
    private readonly bool IsPlain => !_pendingCr && (_content == LineContent.Other || _lineLength == 0);

    /// <summary>Behind the go-ahead.</summary>
    public static DataScanner Start() => new() { _afterCrLf = true };

    /// <summary>Scans octets of the body.</summary>
    /// <param name="octets">What was read.</param>
    /// <param name="ended">Whether the end of data is complete.</param>
    /// <returns>How many octets belong to the body and its end.</returns>
    public int Scan(ReadOnlySpan<byte> octets, out bool ended)
    {
        ended = false;
        var at = 0;
        // Whether the first octet begins a line can be told only by the octet before it.
        var exactlyTo = 1;
        var stride = PlainText.Block;
        while (!ended && at < octets.Length)
        {
            at += ScanExactly(octets[at..], exactlyTo - at, out ended);
            if (!ended && octets.Length - at >= PlainText.Block)
            {
                var plain = PlainText.End(octets, at, _lineLength - (_dotLine ? 1 : 0), LongestLine);
                // What stopped it is in the next block; where nothing is plain the looks in vain become rare.
                stride = plain > at ? PlainText.Block : Math.Min(2 * stride, LongestStride);
                Pass(octets[at..plain]);
                at = plain;
                exactlyTo = at + stride;
            }
            else
            {
                exactlyTo = octets.Length;
            }
        }

        return at;
    }

    /// <summary>Scans octets of the body one by one, and what is between line ends together. It decides; whatever is
    /// quicker must come to the same.</summary>
    /// <param name="octets">What was read.</param>
    /// <param name="least">How many to scan at least; from there on it stops where plain text may begin.</param>
    /// <param name="ended">Whether the end of data is complete.</param>
    /// <returns>How many octets were scanned.</returns>
    internal int ScanExactly(ReadOnlySpan<byte> octets, int least, out bool ended)
    {
        ended = false;
        least = Math.Min(least, octets.Length);
        var at = 0;
        while (at < octets.Length && (at < least || !IsPlain))
        {
            if (_content == LineContent.Other && !_pendingCr)
            {
                var run = octets[at..].IndexOfAny(Marks);
                run = run < 0 ? octets.Length - at : run;
                Pass(run);
                at += run;
                if (at >= least)
                {
                    break;
                }
            }

            if (Take(octets[at++]))
            {
                ended = true;
                break;
            }
        }

        return at;
    }

    /// <summary>Passes blocks of plain text.</summary>
    private void Pass(ReadOnlySpan<byte> plain)
    {
        if (plain.IsEmpty)
        {
            return;
        }

        WireOctets += plain.Length;
        _pendingCr = plain[^1] == '\r';
        var last = plain.LastIndexOf((byte)'\n');
        if (last < 0)
        {
            _lineLength += plain.Length;
        }
        else
        {
            _stuffedDots += _dotLine ? 1 : 0;
            _dotLine = _nulInLine = false;
            _afterCrLf = true;
            _lineLength = plain.Length - last - 1;
        }

        _content = _lineLength > (_pendingCr ? 1 : 0) ? LineContent.Other : LineContent.Nothing;
    }

    private void Pass(int octets)
    {
        WireOctets += octets;
        _lineLength += octets;
    }

    /// <summary>Takes one octet; true when it completes the end of data.</summary>
    private bool Take(byte octet)
    {
        Pass(1);
        if (_pendingCr)
        {
            _pendingCr = false;
            if (octet == '\n')
            {
                return EndLine();
            }

            Findings |= DataFindings.BareCr;
            EndLaxLine();
        }

        switch (octet)
        {
            case (byte)'\r':
                _pendingCr = true;
                break;
            case (byte)'\n':
                Findings |= DataFindings.BareLf;
                EndLaxLine();
                break;
            case 0:
                Findings |= DataFindings.Nul;
                _nulInLine = true;
                break;
            case (byte)'.' when _content == LineContent.Nothing:
                _content = LineContent.Dot;
                _dotLine |= _lineLength == 1;
                break;
            default:
                _content = LineContent.Other;
                break;
        }

        return false;
    }

    /// <summary>CRLF: the one line end that counts.</summary>
    private bool EndLine()
    {
        const int DotLine = 3;
        if (_content == LineContent.Dot)
        {
            if (_afterCrLf && !_nulInLine)
            {
                WireOctets -= DotLine;
                return true;
            }

            Findings |= DataFindings.LaxEnd;
        }

        if (_lineLength - (_dotLine ? 1 : 0) > LongestLine)
        {
            Findings |= DataFindings.LongLine;
        }

        _stuffedDots += _dotLine ? 1 : 0;
        _lineLength = 0;
        _dotLine = false;
        StartLine(afterCrLf: true);
        return false;
    }

    /// <summary>LF or CR alone: a line end only for lax readers.</summary>
    private void EndLaxLine()
    {
        if (_content == LineContent.Dot)
        {
            Findings |= DataFindings.LaxEnd;
        }

        StartLine(afterCrLf: false);
    }

    private void StartLine(bool afterCrLf)
    {
        _content = LineContent.Nothing;
        _afterCrLf = afterCrLf;
        _nulInLine = false;
    }
}
