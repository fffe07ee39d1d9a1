using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.Configuration.Schema;

/// <summary>
/// An address to listen on: <c>127.0.0.1:2525</c>, <c>[::1]:25</c>, <c>localhost:2525</c> (127.0.0.1), <c>0.0.0.0:25</c> (every IPv4
/// address) or <c>*:25</c> (every address, IPv6 and IPv4). Port 0 takes a free one. No other names: which address a name means can change,
/// what a process listens on must not. Listeners take <c>unix:/path</c> (<c>unix:@name</c> for the abstract namespace of
/// Linux) and <c>systemd:NAME</c>, too.
/// </summary>
internal static class ListenAddress
{
    /// <summary>The forms, for messages.</summary>
    public const string Forms = "write ADDRESS:PORT, such as 127.0.0.1:2525, [::1]:2525, or *:2525 for every address";

    private const string Unix = "unix:";
    private const string Systemd = "systemd:";

    /// <summary>What the kernel has room for in an address, without the zero behind it.</summary>
    private const int LongestPath = 107;

    /// <summary>Reads the address of a listener: an IP address with a port, a Unix-domain socket, or one that systemd passes.</summary>
    /// <param name="text">What was configured.</param>
    /// <param name="address">The end point, when there is one.</param>
    /// <param name="problem">What is wrong and the remedy, when there is none.</param>
    public static bool TryParseAny(string text, out EndPoint? address, out string? problem)
    {
        problem = null;
        if (text.StartsWith(Unix, StringComparison.OrdinalIgnoreCase))
        {
            var path = text[Unix.Length..];
            problem = path is not (['/', _, ..] or ['@', _, ..])
                ? $"'{text}' is no path from the root; write unix:/run/smtpproxy/inbound.sock"
                : Encoding.UTF8.GetByteCount(path) > LongestPath
                ? $"'{text}' is longer than the {LongestPath} octets that a socket's path may have; write a shorter one"
                : null;
            // The kernel begins such a name with a zero octet; to .NET an @ begins the name of a file.
            address = problem is null ? new UnixDomainSocketEndPoint(path is ['@', .. var name] ? $"\0{name}" : path) : null;
            return problem is null;
        }

        if (text.StartsWith(Systemd, StringComparison.OrdinalIgnoreCase))
        {
            var socket = text[Systemd.Length..];
            problem = socket.Length == 0 ? $"'{text}' names no socket; write systemd:NAME, with the FileDescriptorName of the socket unit"
                : null;
            address = problem is null ? new SystemdEndPoint(socket) : null;
            return problem is null;
        }

        var isIp = TryParse(text, out var ip, out problem);
        address = ip;
        return isIp;
    }

    /// <summary>Reads an address.</summary>
    /// <param name="text">What was configured.</param>
    /// <param name="address">The end point, when there is one.</param>
    /// <param name="problem">What is wrong and the remedy, when there is none.</param>
    public static bool TryParse(string text, out IPEndPoint? address, out string? problem)
    {
        address = null;
        problem = null;
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        if (colon < 0 || host.EndsWith(':') || (host.Contains(':') && !host.EndsWith(']')))
        {
            // "::1" and "2001:db8::1:25" alike: without brackets nobody can tell the port from the address.
            problem = text.Count(static c => c == ':') > 1
                ? $"'{text}' does not say where the IPv6 address ends; write it in brackets, such as [::1]:2525"
                : $"'{text}' has no port; {Forms}";
            return false;
        }

        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            problem = $"'{text}' has no port between 0 and 65535; {Forms}";
            return false;
        }

        address = HostOf(host) is { } ip ? new IPEndPoint(ip, port) : null;
        problem = address is not null ? null
            : host.Length == 0 ? $"'{text}' has no address; write *:{port} for every address, or 127.0.0.1:{port}"
            : $"'{text}' does not begin with an IP address; host names cannot be listened on: write the address, localhost:{port}, or " +
                $"*:{port} for every address";
        return address is not null;
    }

    /// <summary>Whether a listener on one keeps another from listening on the other.</summary>
    public static bool Collide(EndPoint a, EndPoint b) => (a, b) is (IPEndPoint first, IPEndPoint second)
        ? Collide(first, second)
        : a.GetType() == b.GetType() && a.ToString() == b.ToString();

    /// <summary>Whether a listener on one keeps another from listening on the other.</summary>
    public static bool Collide(IPEndPoint a, IPEndPoint b) =>
        a.Port == b.Port && a.Port != 0 && (a.Address.Equals(b.Address) || Covers(a.Address, b.Address) || Covers(b.Address, a.Address));

    private static bool Covers(IPAddress any, IPAddress other) =>
        any.Equals(IPAddress.IPv6Any) || (any.Equals(IPAddress.Any) && !IsV6(other));

    private static IPAddress? HostOf(string host)
    {
        if (host == "*")
        {
            return IPAddress.IPv6Any;
        }

        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return IPAddress.Loopback;
        }

        // Four numbers, or brackets: IPAddress alone would take "25" for 0.0.0.25.
        var bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        var isForm = bracketed || host.Count(static c => c == '.') == 3;
        return isForm && IPAddress.TryParse(bracketed ? host[1..^1] : host, out var address)
            && IsV6(address) == bracketed
            ? address
            : null;
    }

    private static bool IsV6(IPAddress address) => address.GetAddressBytes().Length == 16;
}
