using System.Buffers;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol;

/// <summary>A copy of client octets whose meaning depends on a reply (PROTOCOL 4.5); the octets themselves have long gone on.</summary>
internal struct HeldOctets
{
    /// <summary>So many are few: they are not counted.</summary>
    private const int Few = 2048;

    private byte[]? _octets;
    private ExchangeMemory.Lease? _lease;

    /// <summary>How many are held.</summary>
    public int Length { get; private set; }

    /// <summary>How many there are that are shown again: of those only the first are held, and none is to be read from here.</summary>
    public long Ahead { get; private set; }

    /// <summary>What is held.</summary>
    public readonly ReadOnlySpan<byte> Octets => _octets.AsSpan(0, Length);

    /// <summary>Holds more; false when that would be beyond the bounds.</summary>
    public bool TryHold(ReadOnlySpan<byte> octets, DialogueLimits limits)
    {
        var length = Length + octets.Length;
        if (length > limits.HeldOctets)
        {
            return false;
        }

        if (_octets is null || _octets.Length < length)
        {
            if (length > Few && !limits.Memory.Allows(length - (_lease is null ? 0 : _octets!.Length)))
            {
                return false;
            }

            var larger = ArrayPool<byte>.Shared.Rent(length);
            Octets.CopyTo(larger);
            var (held, ahead) = (Length, Ahead);
            Clear();
            (_octets, Length, Ahead) = (larger, held, ahead);
            _lease = larger.Length > Few ? limits.Memory.Take(larger.Length) : null;
        }

        octets.CopyTo(_octets.AsSpan(Length));
        Length = length;
        return true;
    }

    /// <summary>Counts octets that are shown again, and holds some: whether there are any, and what the first ones
    /// are, is all that matters.</summary>
    /// <returns>How many are held of them.</returns>
    public int HoldAhead(ReadOnlySpan<byte> octets, DialogueLimits limits)
    {
        if (Length > 0 && Ahead == 0)
        {
            return 0;
        }

        Ahead += octets.Length;
        octets = octets[..Math.Min(octets.Length, Few - Length)];
        return TryHold(octets, limits) ? octets.Length : 0;
    }

    /// <summary>Hands the buffer over and is empty; the caller gives it to <see cref="Return"/>.</summary>
    public (byte[]? Buffer, int Length) Take()
    {
        var taken = (_octets, Length);
        _lease?.Dispose();
        (_octets, _lease, Length, Ahead) = (null, null, 0, 0);
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
