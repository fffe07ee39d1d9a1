using System.Net;
using System.Net.NetworkInformation;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sink;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Configuration.Rules;

/// <summary>Whether what is dialled is the embedded sink, however it is written. In doubt it is: then somebody is
/// asked, and no mail is lost.</summary>
internal sealed class SinkReach
{
    private static readonly string[] OwnNames = ["localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", Dns.GetHostName()];

    private readonly IPEndPoint[] _bound;
    private readonly Lazy<HashSet<IPAddress>> _own = new(static () =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(static i => i.GetIPProperties().UnicastAddresses)
            .Select(static a => WithoutScope(a.Address))]);

    /// <summary>Creates it.</summary>
    /// <param name="address">Where the sink speaks SMTP.</param>
    /// <param name="lmtpAddress">Where it speaks LMTP; null: nowhere.</param>
    public SinkReach(string? address, string? lmtpAddress)
    {
        Smtp = SinkOptions.ParseAddress(address) ?? SinkOptions.ParseAddress(new SinkOptions().Address)!;
        _bound = SinkOptions.ParseAddress(lmtpAddress) is { } lmtp ? [Smtp, lmtp] : [Smtp];
    }

    /// <summary>Where the sink speaks SMTP; where that cannot be read, where it would if nothing were said.</summary>
    public IPEndPoint Smtp { get; }

    /// <summary>The sink of a configuration, whether it runs or not.</summary>
    public static SinkReach In(IReadOnlyDictionary<string, string?> values) => new(
        values.GetValueOrDefault($"{SinkOptions.Section}:{nameof(SinkOptions.Address)}"),
        values.GetValueOrDefault($"{SinkOptions.Section}:{nameof(SinkOptions.LmtpAddress)}"));

    /// <summary>The sink of settings, whether it runs or not.</summary>
    public static SinkReach Of(SinkOptions sink) => new(sink.Address, sink.LmtpAddress);

    /// <summary>Whether a relay's address, as it is configured, is the sink's.</summary>
    public bool IsAt(string? relay) => RelayAddress.TryRead(relay, out var address) is null
        && (address!.EndPoint is { } endPoint
            ? IsAt(endPoint)
            : IsOwnName(address.Host) && Array.Exists(_bound,
                b => b.Port == address.Port && (IPAddress.IsLoopback(b.Address) || IsAny(b.Address) || IsOwn(b.Address))));

    /// <summary>Whether an end point is the sink's.</summary>
    public bool IsAt(IPEndPoint relay)
    {
        var to = WithoutScope(relay.Address);
        return Array.Exists(_bound, b => b.Port == relay.Port && (
            WithoutScope(b.Address).Equals(to)
            // Dialling "no address" reaches this machine.
            || (IsAny(to) && (IPAddress.IsLoopback(b.Address) || IsAny(b.Address)))
            || (IsAny(b.Address) && (IPAddress.IsLoopback(to) || IsOwn(to)))));
    }

    /// <summary>Whether a name is this machine's, for certain.</summary>
    public static bool IsOwnName(string host) =>
        host.TrimEnd('.') is var name
        && (OwnNames.Contains(name, StringComparer.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress WithoutScope(IPAddress address) =>
        address.IsIPv6LinkLocal ? new IPAddress(address.GetAddressBytes()) : address.Unmapped();

    private bool IsOwn(IPAddress address) => _own.Value.Contains(address);
}
