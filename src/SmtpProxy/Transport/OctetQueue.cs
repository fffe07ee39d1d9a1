namespace SmtpProxy.Transport;

/// <summary>Octets that wait, in order. Bounded by whoever fills it: the session stops reading from their sender.</summary>
internal sealed class OctetQueue
{
    private byte[] _buffer = [];
    private int _start;

    /// <summary>How many.</summary>
    public int Length { get; private set; }

    /// <summary>All of them; valid until the next change.</summary>
    public ReadOnlySpan<byte> Octets => _buffer.AsSpan(_start, Length);

    /// <summary>Adds octets at the end.</summary>
    public void Append(ReadOnlySpan<byte> octets)
    {
        if (_start + Length + octets.Length > _buffer.Length)
        {
            var room = Length + octets.Length > _buffer.Length ? new byte[Math.Max(1024, 2 * (Length + octets.Length))] : _buffer;
            _buffer.AsSpan(_start, Length).CopyTo(room);
            (_buffer, _start) = (room, 0);
        }

        octets.CopyTo(_buffer.AsSpan(_start + Length));
        Length += octets.Length;
    }

    /// <summary>Forgets the first octets.</summary>
    public void Remove(int octets)
    {
        _start += octets;
        Length -= octets;
        if (Length == 0)
        {
            Clear();
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        (_start, Length) = (0, 0);
        // What was once much is not kept.
        if (_buffer.Length > 64 * 1024)
        {
            _buffer = [];
        }
    }

    /// <summary>All of them as an own copy, and forgets them.</summary>
    public byte[] Take()
    {
        var octets = Octets.ToArray();
        Clear();
        return octets;
    }
}
