using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace SmtpProxy.Upstreams;

/// <summary>Resolves the host names of relays when YARP loads a cluster, and again after a while: one destination for each address. A name
/// that does not resolve stays as it is and is no reason not to start; it is asked for again soon.</summary>
internal sealed partial class RelayResolver(ILogger<RelayResolver> log) : IDestinationResolver
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Where a destination that stands for one address of a name keeps the configured name.</summary>
    public const string NameKey = "smtpproxy.destination";

    /// <inheritdoc/>
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        TimeSpan? again = null;
        foreach (var (name, destination) in destinations)
        {
            if (RelayAddress.TryRead(destination.Address, out var address) is not null || address!.EndPoint is not null)
            {
                resolved[name] = destination;
                continue;
            }

            var addresses = await LookUpAsync(name, address.Host, cancellationToken);
            again = addresses.Length == 0 ? Retry : again ?? Refresh;
            if (addresses.Length == 0)
            {
                resolved[name] = destination;
            }

            for (var n = 0; n < addresses.Length; n++)
            {
                resolved[n == 0 ? name : $"{name}[{addresses[n]}]"] = destination with
                {
                    Address = address.At(addresses[n]).ToString(),
                    Host = address.Host,
                    Metadata = new Dictionary<string, string>(destination.Metadata ?? new Dictionary<string, string>()) { [NameKey] = name },
                };
            }
        }

        return new ResolvedDestinationCollection(resolved, again is { } wait ? ChangeAfter(wait) : null);
    }

    private static CancellationChangeToken ChangeAfter(TimeSpan wait)
    {
        // It disposes of itself: the timer is all that it holds.
        var source = new CancellationTokenSource(wait);
        source.Token.Register(static s => ((CancellationTokenSource)s!).Dispose(), source);
        return new CancellationChangeToken(source.Token);
    }

    private async Task<IPAddress[]> LookUpAsync(string relay, string host, CancellationToken cancel)
    {
        try
        {
            return [.. (await Dns.GetHostAddressesAsync(host, cancel).WaitAsync(Patience, cancel)).Order(ByFamilyAndAddress).Distinct()];
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            LogUnresolved(relay, host, e.Message);
            return [];
        }
    }

    /// <summary>A stable order, IPv4 first, so that the same answer in another order changes nothing.</summary>
    private static readonly Comparer<IPAddress> ByFamilyAndAddress = Comparer<IPAddress>.Create(static (a, b) =>
        a.AddressFamily != b.AddressFamily
            ? a.AddressFamily.CompareTo(b.AddressFamily)
            : a.GetAddressBytes().AsSpan().SequenceCompareTo(b.GetAddressBytes()));

    [LoggerMessage(EventId = 300, Level = LogLevel.Warning, Message = "Relay {Relay}: the name {Host} does not resolve: {Reason}")]
    private partial void LogUnresolved(string relay, string host, string reason);
}
