using System.Buffers;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll.Legs;

/// <summary>Octets that the kernel did not take yet, in a pooled array that is held only while there are any. A leg closes it for certain
/// and nobody else reads it, as pooled memory asks for; where either is not so, <see cref="OctetQueue"/> is right.</summary>
internal struct Backlog
{
    private const int Smallest = 4096;

    private byte[]? _octets;
    private int _start;

    /// <summary>How many octets wait.</summary>
    internal int Length { get; private set; }

    /// <summary>What waits.</summary>
    internal readonly ReadOnlySpan<byte> Octets => _octets.AsSpan(_start, Length);

    /// <summary>Adds octets at the end.</summary>
    internal void Append(ReadOnlySpan<byte> octets)
    {
        if (_octets is null)
        {
            _octets = Rent(octets.Length);
        }
        else if (_start + Length + octets.Length > _octets.Length)
        {
            MakeRoom(octets.Length);
        }

        octets.CopyTo(_octets.AsSpan(_start + Length));
        Length += octets.Length;
    }

    /// <summary>Forgets octets at the front; the array goes back when none is left.</summary>
    internal void Consume(int count)
    {
        _start += count;
        Length -= count;
        if (Length == 0)
        {
            Clear();
        }
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear()
    {
        if (_octets is { } octets)
        {
            _octets = null;
            Return(octets);
        }

        _start = 0;
        Length = 0;
    }

    private void MakeRoom(int count)
    {
        // Moving octets down pays only while few are left; otherwise every append for a slow reader would move them all.
        // What is rented is twice as long each time, for the pool's arrays are powers of two.
        byte[] room = Length + count <= _octets!.Length / 2 ? _octets : Rent(Length + count);
        Octets.CopyTo(room);
        if (room != _octets)
        {
            Return(_octets);
            _octets = room;
        }

        _start = 0;
    }

    private static byte[] Rent(int size)
    {
        byte[] octets = ArrayPool<byte>.Shared.Rent(Math.Max(size, Smallest));
        QueueMemory.Take(octets.Length);
        return octets;
    }

    private static void Return(byte[] octets)
    {
        QueueMemory.Give(octets.Length);
        ArrayPool<byte>.Shared.Return(octets);
    }
}
