using System.Buffers.Binary;

namespace SmtpProxy.Transport.Native;

/// <summary>Reads what Linux tells of a TCP connection (<c>TCP_INFO</c>, <c>struct tcp_info</c> of <c>linux/tcp.h</c>, which only ever grows).</summary>
internal static class TcpInfo
{
    /// <summary>The level of the option, <c>IPPROTO_TCP</c>.</summary>
    public const int Level = 6;

    /// <summary>The option, <c>TCP_INFO</c>.</summary>
    public const int Option = 11;

    /// <summary>Octets that are asked for.</summary>
    public const int Length = NotSent + sizeof(uint);

    private const int Closed = 7;
    private const int Unacknowledged = 24;
    private const int NotSent = 144;

    /// <summary>Whether the peer has confirmed what was sent on a connection that we have not shut.</summary>
    /// <param name="info">What the kernel gave; it may be less than was asked for.</param>
    /// <returns>True: all of it. False: the connection is broken. Null: not yet.</returns>
    public static bool? Read(ReadOnlySpan<byte> info) =>
        info.Length < Length ? true
        : info[0] == Closed ? false
        : Number(info, Unacknowledged) + Number(info, NotSent) > 0 ? null
        : true;

    private static long Number(ReadOnlySpan<byte> info, int at) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(info[at..])
        : BinaryPrimitives.ReadUInt32BigEndian(info[at..]);
}
