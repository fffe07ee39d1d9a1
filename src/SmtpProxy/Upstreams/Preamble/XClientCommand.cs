using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Upstreams.Preamble;

/// <summary>The XCLIENT command of Postfix (postfix.org/XCLIENT_README.html). Of the attributes that a relay lists, those that are known
/// before the client has spoken are told; what it then says of itself (HELO, PROTO, LOGIN) it says to the relay.</summary>
internal static class XClientCommand
{
    private const string Unavailable = "[UNAVAILABLE]";

    /// <summary>The command with its CRLF.</summary>
    /// <param name="offered">The attributes that the relay lists.</param>
    /// <param name="client">The client.</param>
    /// <param name="local">Where it connected.</param>
    /// <param name="attributes">Those that were told.</param>
    /// <returns>Null when the relay does not take an address: there is nothing to say.</returns>
    public static byte[]? Write(IReadOnlyCollection<string> offered, IPEndPoint client, EndPoint local,
        out IReadOnlyList<string> attributes)
    {
        (string Name, string Value)?[] known =
        [
            ("ADDR", AddressOf(client.Address)),
            ("PORT", client.Port.ToString(CultureInfo.InvariantCulture)),
            // Without it the relay would go on calling the client by the proxy's name.
            ("NAME", Unavailable),
            local is IPEndPoint at ? ("DESTADDR", AddressOf(at.Address)) : null,
            local is IPEndPoint to ? ("DESTPORT", to.Port.ToString(CultureInfo.InvariantCulture)) : null,
        ];
        var told = known.OfType<(string Name, string Value)>().Where(a => offered.Contains(a.Name, StringComparer.OrdinalIgnoreCase))
            .ToArray();
        attributes = [.. told.Select(static a => a.Name)];
        return attributes.Contains("ADDR")
            ? Encoding.ASCII.GetBytes($"XCLIENT {string.Join(' ', told.Select(static a => $"{a.Name}={XText(a.Value)}"))}\r\n")
            : null;
    }

    /// <summary>RFC 1891 5: what is not printable, and <c>+</c> and <c>=</c>, as <c>+XX</c>.</summary>
    public static string XText(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is > (byte)' ' and <= (byte)'~' and not ((byte)'+' or (byte)'='))
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"+{octet:X2}");
            }
        }

        return encoded.ToString();
    }

    private static string AddressOf(IPAddress address)
    {
        var plain = address.Unmapped();
        // A scope means something on this machine only.
        return plain.AddressFamily == AddressFamily.InterNetworkV6 ? $"IPV6:{new IPAddress(plain.GetAddressBytes())}" : plain.ToString();
    }
}
