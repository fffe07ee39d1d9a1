namespace SmtpProxy.Transport.Resources;

/// <summary>Octets that wait in a session, in order. Its owner bounds it, by not reading from their sender. Nobody has to close it: its
/// memory is the collector's, and is counted until it is forgotten. What the kernel did not take is in <c>Backlog</c>, whose owner always
/// closes it, so that its memory is pooled.</summary>
internal sealed class OctetQueue
{
    private const int Smallest = 1024;

    /// <summary>What was once much is not kept.</summary>
    private const int MostKept = 64 * 1024;

    /// <summary>An empty buffer of this size is part of what a session is made of, and is not counted: sessions that have ended well
    /// leave nothing to be counted until the next collection.</summary>
    private const int MostUncounted = 4 * 1024;

    private QueueMemory.Lease? _memory;
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
            MakeRoom(octets.Length);
        }
        else if (Length == 0 && _buffer.Length <= MostUncounted)
        {
            _memory?.Count(_buffer.Length);
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
        if (_buffer.Length > MostKept)
        {
            _memory?.Dispose();
            (_memory, _buffer) = (null, []);
        }
        else if (_buffer.Length <= MostUncounted)
        {
            _memory?.Count(0);
        }
    }

    /// <summary>Forgets all, and keeps nothing: for an owner that knows its end, which the collector would learn of much later.</summary>
    public void Release()
    {
        _memory?.Dispose();
        (_memory, _buffer, _start, Length) = (null, [], 0, 0);
    }

    /// <summary>All of them as an own copy, and forgets them.</summary>
    public byte[] Take()
    {
        var octets = Octets.ToArray();
        Clear();
        return octets;
    }

    private void MakeRoom(int more)
    {
        if (Length + more <= _buffer.Length)
        {
            Octets.CopyTo(_buffer);
        }
        else
        {
            var room = new byte[Math.Max(Smallest, Length == 0 ? more : 2 * (Length + more))];
            Octets.CopyTo(room);
            _memory?.Dispose();
            (_memory, _buffer) = (new QueueMemory.Lease(room.Length), room);
        }

        _start = 0;
    }
}
