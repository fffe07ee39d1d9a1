using System.Buffers.Binary;

namespace SmtpProxy.Tls;

/// <summary>Reads numbers and blocks one after the other; what is not there reads as nothing, and is remembered.</summary>
internal ref struct OctetReader(ReadOnlySpan<byte> octets)
{
    private ReadOnlySpan<byte> _left = octets;

    /// <summary>Something was not there.</summary>
    public bool Failed { get; private set; }

    /// <summary>Nothing is left, or nothing that could be read.</summary>
    public readonly bool IsEmpty => _left.IsEmpty;

    public int Byte() => Block(1) is [var value] ? value : 0;

    public int Short() => Block(2) is { Length: 2 } two ? BinaryPrimitives.ReadUInt16BigEndian(two) : 0;

    public void Skip(int count) => Block(count);

    public ReadOnlySpan<byte> Block(int count)
    {
        if (count > _left.Length)
        {
            Failed = true;
            _left = default;
            return default;
        }

        var block = _left[..count];
        _left = _left[count..];
        return block;
    }
}
