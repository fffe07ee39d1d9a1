using System.Buffers;

namespace SmtpProxy.Transport.Security;

/// <summary>Octets of one event, while they are taken. Their memory is borrowed until the event is over: a read of 128 KiB for each event
/// would be the collector's to clean up, at more than the octets cost otherwise.</summary>
internal sealed class PassingOctets
{
    private byte[]? _buffer;
    private int _start;

    /// <summary>How many are left.</summary>
    public int Length { get; private set; }

    /// <summary>All that are left; valid until the next change.</summary>
    public ReadOnlySpan<byte> Octets => _buffer.AsSpan(_start, Length);

    /// <summary>Holds a copy of octets.</summary>
    /// <returns>False: those before are not all taken yet.</returns>
    public bool TryHold(ReadOnlySpan<byte> octets)
    {
        if (Length > 0)
        {
            return false;
        }

        Clear();
        if (!octets.IsEmpty)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(octets.Length);
            octets.CopyTo(_buffer);
            Length = octets.Length;
        }

        return true;
    }

    /// <summary>Takes as many as there is room for.</summary>
    /// <returns>How many.</returns>
    public int Take(Span<byte> room)
    {
        var count = Math.Min(room.Length, Length);
        Octets[..count].CopyTo(room);
        _start += count;
        Length -= count;
        return count;
    }

    /// <summary>Forgets them all, and gives the memory back.</summary>
    public void Clear()
    {
        (_start, Length) = (0, 0);
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
