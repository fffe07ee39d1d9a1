using System.Buffers.Binary;
using System.Diagnostics;

namespace SmtpProxy.Transport.Native;

/// <summary>Reads what Linux tells of a TCP connection (<c>TCP_INFO</c>, <c>struct tcp_info</c> of <c>linux/tcp.h</c>,
/// which only ever grows).</summary>
internal static class TcpInfo
{
    /// <summary>The level of the option, <c>IPPROTO_TCP</c>.</summary>
    public const int Level = 6;

    /// <summary>The option, <c>TCP_INFO</c>.</summary>
    public const int Option = 11;

    /// <summary>Octets that are asked for.</summary>
    public const int Length = NotSent + sizeof(uint);

    /// <summary>The kernel counts in steps of up to 10 ms (at 100 Hz): what it says of less says nothing. In ticks.</summary>
    public static readonly long Coarse = Stopwatch.Frequency / 100;

    private const int Closed = 7;
    private const int Unacknowledged = 24;
    private const int LastDataReceived = 52;
    private const int LastAckReceived = 56;
    private const int NotSent = 144;

    /// <summary>Whether the peer has confirmed what was sent on a connection that we have not shut.</summary>
    /// <param name="info">What the kernel gave; it may be less than was asked for.</param>
    /// <returns>True: all of it. False: the connection is broken. Null: not yet.</returns>
    public static bool? Read(ReadOnlySpan<byte> info) =>
        info.Length < Length ? true
        : info[0] == Closed ? false
        : Number(info, Unacknowledged) + Number(info, NotSent) > 0 ? null
        : true;

    /// <summary>For how long the last that came on a connection, with octets or without, has been there.</summary>
    /// <param name="info">What the kernel gave; it may be less than was asked for.</param>
    /// <returns>Ticks; 0: no longer than <see cref="Coarse"/>, or not known.</returns>
    public static long Age(ReadOnlySpan<byte> info)
    {
        if (info.Length < LastAckReceived + sizeof(uint))
        {
            return 0;
        }

        var age = Math.Min(Number(info, LastDataReceived), Number(info, LastAckReceived)) * (Stopwatch.Frequency / 1000);
        return age > Coarse ? age : 0;
    }

    private static long Number(ReadOnlySpan<byte> info, int at) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(info[at..])
        : BinaryPrimitives.ReadUInt32BigEndian(info[at..]);
}
