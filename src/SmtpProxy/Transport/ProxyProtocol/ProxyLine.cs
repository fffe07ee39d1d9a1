using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport.ProxyProtocol;

/// <summary>Version 1: one line, such as <c>PROXY TCP4 192.0.2.7 198.51.100.25 40112 25</c>.</summary>
internal static class ProxyLine
{
    /// <summary>Reads a line with its line end.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static string? Parse(ReadOnlySpan<byte> octets, out ProxyHeader header)
    {
        header = new ProxyHeader(ProxyVersion.V1, null, null);
        if (octets is not [.., (byte)'\r', (byte)'\n'])
        {
            return "its line does not end in CRLF";
        }

        var words = Encoding.Latin1.GetString(octets[..^2]).Split(' ');
        if (words[1] == "UNKNOWN")
        {
            // Whatever follows is to be ignored.
            return null;
        }

        var family = words[1] switch { "TCP4" => AddressFamily.InterNetwork, "TCP6" => AddressFamily.InterNetworkV6, _ =>
            AddressFamily.Unknown };
        if (family == AddressFamily.Unknown)
        {
            return "its protocol is none of TCP4, TCP6 and UNKNOWN";
        }

        if (words.Length != 6)
        {
            return "it has not four words behind the protocol";
        }

        if (AddressOf(words[2], family) is not { } source || AddressOf(words[3], family) is not { } destination)
        {
            return $"an address is not one of {words[1]}";
        }

        if (PortOf(words[4]) is not { } from || PortOf(words[5]) is not { } to)
        {
            return "a port is not a number from 0 to 65535";
        }

        header = new ProxyHeader(ProxyVersion.V1, new IPEndPoint(source, from), new IPEndPoint(destination, to));
        return null;
    }

    /// <summary>Writes the line.</summary>
    public static byte[] Write(IPEndPoint? source, IPEndPoint? destination) => Encoding.ASCII.GetBytes(
        source is null || destination is null
            ? "PROXY UNKNOWN\r\n"
            : string.Create(CultureInfo.InvariantCulture,
                $"PROXY {(source.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6")} {Text(source)} {Text(destination)} " +
                    $"{source.Port} {destination.Port}\r\n"));

    /// <summary>Without its scope: that means something on this machine only, and the protocol has no room for it.</summary>
    private static IPAddress Text(IPEndPoint endPoint) => new(endPoint.Address.GetAddressBytes());

    private static IPAddress? AddressOf(string text, AddressFamily family)
    {
        // IPAddress takes more forms than the protocol has: fewer numbers, octal, scopes, brackets.
        var isForm = family == AddressFamily.InterNetwork
            ? text.Split('.') is { Length: 4 } parts
            && parts.All(static p => p.Length is > 0 and < 4 && p.All(char.IsAsciiDigit) && (p.Length == 1 || p[0] != '0'))
            : text.All(static c => char.IsAsciiHexDigit(c) || c is ':' or '.');
        return isForm && IPAddress.TryParse(text, out var address) && address.AddressFamily == family ? address.Unmapped() : null;
    }

    private static int? PortOf(string text) =>
        text.Length is > 0 and < 6 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0')
        && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;
}
