using System.Runtime.CompilerServices;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Telemetry.Clocks;

/// <summary>
/// Knows when the buffer was forwarded that held the end of a command. The dialogue reports a command while its buffer is being looked at;
/// when that buffer was handed to the kernel is known only afterwards. So an exchange notes the number of its buffer, and the times of the
/// last few buffers are kept here. An exchange that is older than that falls back to the time its buffer came: earlier by the proxy's own
/// microseconds, after a wait of seven buffers.
/// </summary>
internal struct BufferClock
{
    private const int Kept = 8;
    private Times _forwarded;
    private uint _number;
    private bool _open;

    /// <summary>When the current buffer had come.</summary>
    public long ReadAt { get; private set; }

    /// <summary>The current buffer's number.</summary>
    public readonly uint Number => _number;

    /// <summary>Whether the current buffer was read and not yet handed on.</summary>
    public readonly bool IsOpen => _open;

    /// <summary>A buffer was read that had come at this time.</summary>
    public void Read(long at)
    {
        _number++;
        _open = true;
        ReadAt = at;
    }

    /// <summary>It was handed to the kernel.</summary>
    public void Forwarded(long at)
    {
        _forwarded[(int)(_number % Kept)] = at;
        _open = false;
    }

    /// <summary>Notes in an exchange that this buffer is where its clock starts.</summary>
    public readonly void Stamp(ref Exchange exchange)
    {
        exchange.Mark = ReadAt;
        exchange.Mark2 = ((long)_number << 32) | (uint)exchange.Mark2;
    }

    /// <summary>Whether the exchange was stamped in the buffer that is being looked at.</summary>
    public readonly bool IsCurrent(in Exchange exchange) => (uint)(exchange.Mark2 >> 32) == _number;

    /// <summary>When the buffer was forwarded in which the exchange was stamped; its read time while it is still open.</summary>
    public readonly long ForwardedAt(in Exchange exchange) => ForwardedAt((uint)(exchange.Mark2 >> 32), exchange.Mark);

    /// <summary>When this buffer was forwarded; <paramref name="readAt"/> when that is no longer, or not yet, known.</summary>
    public readonly long ForwardedAt(uint number, long readAt)
    {
        var age = _number - number;
        return age >= Kept || (age == 0 && _open) ? readAt : _forwarded[(int)(number % Kept)];
    }

    [InlineArray(Kept)]
    private struct Times
    {
        private long _first;
    }
}
