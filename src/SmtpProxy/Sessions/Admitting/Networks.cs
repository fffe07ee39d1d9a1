using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Sessions.Admitting;

/// <summary>A list of networks, such as <c>192.0.2.0/24, 2001:db8::/32, 198.51.100.7</c>.</summary>
public sealed class Networks
{
    /// <summary>No network.</summary>
    public static readonly Networks None = new([]);

    /// <summary>Networks that no mail comes from by way of the internet: loopback (RFC 1122, RFC 4291), private (RFC 1918), shared (RFC
    /// 6598), link-local (RFC 3927, RFC 4291) and unique local (RFC 4193).</summary>
    public static readonly Networks Private =
        Parsed("127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,::1,fc00::/7,fe80::/10");

    private readonly IPNetwork[] _all;

    private Networks(IPNetwork[] all) => _all = all;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _all.Length == 0;

    /// <summary>Reads a list, separated by commas; an address without a prefix is a network of one.</summary>
    /// <returns>Null, or what is wrong and what would be right.</returns>
    public static string? TryParse(string text, out Networks networks)
    {
        ArgumentNullException.ThrowIfNull(text);
        networks = None;
        var all = new List<IPNetwork>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var slash = part.IndexOf('/');
            if (!IPAddress.TryParse(slash < 0 ? part : part[..slash], out var address) || address.IsIPv4MappedToIPv6
                || !IsWhole(part, address))
            {
                return $"'{part}' is not a network; write ADDRESS or ADDRESS/BITS, separated by commas, such as 192.0.2.0/24,2001:db8::/32";
            }

            if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            {
                return $"'{part}' has a scope, which networks have not; write such as {new IPAddress(address.GetAddressBytes())}/128";
            }

            var most = address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
            var bits = most;
            if (slash >= 0 && (!int.TryParse(part.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits)
                || bits > most))
            {
                return $"'{part}' has no number of bits between 0 and {most}; write such as {address}/{most}";
            }

            if (Base(address, bits) is var first && !first.Equals(address))
            {
                return $"'{part}' has bits behind its prefix; write {first}/{bits} for the network, or {address}/{most} for the address";
            }

            all.Add(new IPNetwork(address, bits));
        }

        networks = all.Count > 0 ? new Networks([.. all]) : None;
        return null;
    }

    /// <summary>Whether an address is in one of them. An IPv4 address in IPv6 clothes is an IPv4 address.</summary>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.Unmapped();
        foreach (var network in _all)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether every address of these is in one of the others.</summary>
    public bool IsWithin(Networks others)
    {
        ArgumentNullException.ThrowIfNull(others);
        return Array.TrueForAll(_all,
            inner => Array.Exists(others._all, outer => outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress)));
    }

    private static Networks Parsed(string text) =>
        TryParse(text, out var networks) is { } problem ? throw new FormatException(problem) : networks;

    /// <summary>IPAddress would take "25" for 0.0.0.25.</summary>
    private static bool IsWhole(string text, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 || text.Split('/')[0].Count(static c => c == '.') == 3;

    private static IPAddress Base(IPAddress address, int bits)
    {
        var octets = address.GetAddressBytes();
        for (var n = 0; n < octets.Length; n++)
        {
            octets[n] &= (byte)(0xFF00 >> Math.Clamp(bits - (8 * n), 0, 8));
        }

        return new IPAddress(octets);
    }
}
