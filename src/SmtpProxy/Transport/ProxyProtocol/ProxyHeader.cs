using System.Net;

namespace SmtpProxy.Transport.ProxyProtocol;

/// <summary>Versions of the PROXY protocol (haproxy.org, proxy-protocol.txt).</summary>
public enum ProxyVersion
{
    /// <summary>No header.</summary>
    None,

    /// <summary>The line of text.</summary>
    V1,

    /// <summary>The binary header.</summary>
    V2,
}

/// <summary>What a PROXY header says.</summary>
/// <param name="Version">Which kind it was.</param>
/// <param name="Source">The client; null where the header names none (LOCAL, UNKNOWN, UNSPEC): then the
/// connection's own addresses hold.</param>
/// <param name="Destination">The address that the client connected to; null with <paramref name="Source"/>.</param>
public readonly record struct ProxyHeader(ProxyVersion Version, EndPoint? Source, EndPoint? Destination)
{
    /// <summary>Longest line of version 1, with its CRLF.</summary>
    public const int LongestLine = 107;

    /// <summary>What is taken of version 2 at most, with its extensions; the format has room for more than anybody sends.</summary>
    public const int LongestBinary = 4096;

    /// <summary>What begins every header of version 1.</summary>
    internal static ReadOnlySpan<byte> LineStart => "PROXY "u8;

    /// <summary>What begins every header of version 2.</summary>
    internal static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];
}
