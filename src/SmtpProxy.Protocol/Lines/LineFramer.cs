using System.Buffers;

namespace SmtpProxy.Protocol.Lines;

/// <summary>Cuts a stream into lines (RFC 5321 2.3.8; PROTOCOL 2.1): LF ends a line, CRs directly before it belong to the line end. A line
/// within one read is handed over in place; only one that is cut by a read's border is kept, up to a bound.</summary>
public struct LineFramer
{
    private static readonly SearchValues<byte> Unusual = SearchValues.Create(UnusualOctets());
    private byte[]? _kept;
    private int _keptLength;
    private long _length;
    private bool _pendingCr;
    private bool _bareCr;
    private bool _nul;
    private bool _eightBit;

    /// <summary>Octets of the line that is not complete yet.</summary>
    public readonly long Pending => _length;

    /// <summary>Reads up to the end of a line.</summary>
    /// <param name="octets">What was read.</param>
    /// <param name="prefix">Octets of a cut line to keep.</param>
    /// <param name="consumed">How many octets belong to this line; all when it is not complete.</param>
    /// <param name="line">The line, when complete; valid until <see cref="Release"/> or the next call.</param>
    public bool TryRead(ReadOnlySpan<byte> octets, int prefix, out int consumed, out Line line)
    {
        var end = octets.IndexOf((byte)'\n');
        var piece = end < 0 ? octets : octets[..end];
        Look(piece);
        if (end < 0)
        {
            Keep(piece, prefix);
            _length += piece.Length;
            consumed = octets.Length;
            line = default;
            return false;
        }

        consumed = end + 1;
        ReadOnlySpan<byte> text;
        if (_length == 0)
        {
            // No more than would have been kept of it, had a read's border cut it.
            text = piece[..Math.Min(piece.Length, prefix)];
        }
        else
        {
            Keep(piece, prefix);
            text = _kept.AsSpan(0, _keptLength);
        }

        line = new Line
        {
            Text = text.TrimEnd((byte)'\r'),
            Length = _length + consumed,
            BareLf = !_pendingCr,
            BareCr = _bareCr,
            Nul = _nul,
            EightBit = _eightBit,
        };
        _length = 0;
        _pendingCr = _bareCr = _nul = _eightBit = false;
        return true;
    }

    /// <summary>Gives the kept octets back, once the line has been looked at.</summary>
    public void Release()
    {
        if (_kept is { } kept)
        {
            // It may have held a password.
            kept.AsSpan(0, _keptLength).Clear();
            ArrayPool<byte>.Shared.Return(kept);
            _kept = null;
            _keptLength = 0;
        }
    }

    /// <summary>Forgets a line that is not complete.</summary>
    public void Reset()
    {
        Release();
        _length = 0;
        _pendingCr = _bareCr = _nul = _eightBit = false;
    }

    private static byte[] UnusualOctets() =>
        [0, (byte)'\r', .. Enumerable.Range(128, 128).Select(octet => (byte)octet)];

    private void Look(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
        {
            return;
        }

        var inner = piece.TrimEnd((byte)'\r');
        // CRs before it turn out to be no line end as soon as anything else follows.
        _bareCr |= _pendingCr && !inner.IsEmpty;
        _pendingCr = inner.Length < piece.Length || (_pendingCr && inner.IsEmpty);
        var at = inner.IndexOfAny(Unusual);
        while (at >= 0)
        {
            var octet = inner[at];
            _bareCr |= octet == '\r';
            _nul |= octet == 0;
            _eightBit |= octet > 127;
            inner = inner[(at + 1)..];
            at = _bareCr && _nul && _eightBit ? -1 : inner.IndexOfAny(Unusual);
        }
    }

    private void Keep(ReadOnlySpan<byte> piece, int prefix)
    {
        var room = prefix - _keptLength;
        if (room <= 0 || piece.IsEmpty)
        {
            return;
        }

        var taken = piece[..Math.Min(room, piece.Length)];
        if (_kept is null || _kept.Length < _keptLength + taken.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(256, _keptLength + taken.Length));
            _kept.AsSpan(0, _keptLength).CopyTo(larger);
            var length = _keptLength;
            Release();
            _kept = larger;
            _keptLength = length;
        }

        taken.CopyTo(_kept.AsSpan(_keptLength));
        _keptLength += taken.Length;
    }
}
