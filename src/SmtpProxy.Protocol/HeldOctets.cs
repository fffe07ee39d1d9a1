using System.Buffers;

namespace SmtpProxy.Protocol;

/// <summary>A copy of client octets whose meaning depends on a reply (PROTOCOL 4.5); the octets themselves have long gone on.</summary>
internal struct HeldOctets
{
    private byte[]? _octets;

    /// <summary>How many are held.</summary>
    public int Length { get; private set; }

    /// <summary>What is held.</summary>
    public readonly ReadOnlySpan<byte> Octets => _octets.AsSpan(0, Length);

    /// <summary>Holds more; false when that would be beyond the bound.</summary>
    public bool TryHold(ReadOnlySpan<byte> octets, int bound)
    {
        if (octets.Length > bound - Length)
        {
            return false;
        }

        if (_octets is null || _octets.Length < Length + octets.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Length + octets.Length);
            Octets.CopyTo(larger);
            var length = Length;
            Clear();
            _octets = larger;
            Length = length;
        }

        octets.CopyTo(_octets.AsSpan(Length));
        Length += octets.Length;
        return true;
    }

    /// <summary>Hands the buffer over and is empty; the caller gives it to <see cref="Return"/>.</summary>
    public (byte[]? Buffer, int Length) Take()
    {
        var taken = (_octets, Length);
        _octets = null;
        Length = 0;
        return taken;
    }

    /// <summary>Gives a buffer back; it may hold a password.</summary>
    public static void Return(byte[]? buffer, int length)
    {
        if (buffer is not null)
        {
            buffer.AsSpan(0, length).Clear();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Forgets what is held.</summary>
    public void Clear()
    {
        var (buffer, length) = Take();
        Return(buffer, length);
    }
}
