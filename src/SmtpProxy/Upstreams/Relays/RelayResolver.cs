using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>Resolves the host names of relays when YARP loads a cluster, and again after a while: one destination for each address. A name
/// that does not resolve is no reason not to start: it is asked for again soon. One that resolved before keeps its addresses meanwhile,
/// because name servers fail more often than relays move.</summary>
internal sealed partial class RelayResolver(NameLookup lookUp, TimeProvider time, ILogger<RelayResolver> log) : IDestinationResolver
{
    /// <summary>Where a destination that stands for one address of a name keeps the configured name.</summary>
    public const string NameKey = "smtpproxy.destination";

    /// <summary>How long an answer stands.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromMinutes(1);

    /// <summary>How long to wait after a failure.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>How long a name server may take: start and reload wait for it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A stable order, IPv4 first, so that the same answer in another order changes nothing.</summary>
    private static readonly Comparer<IPAddress> ByFamilyAndAddress = Comparer<IPAddress>.Create(static (a, b) =>
        a.AddressFamily != b.AddressFamily
            ? a.AddressFamily.CompareTo(b.AddressFamily)
            : a.GetAddressBytes().AsSpan().SequenceCompareTo(b.GetAddressBytes()));

    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        // All at once: one name that nobody answers for must not add to the wait for another.
        var all = await Task.WhenAll(destinations.Select(d => ResolveAsync(d.Key, d.Value, cancellationToken)));
        var resolved = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        TimeSpan? again = null;
        foreach (var (parts, wait) in all)
        {
            again = again < wait ? again : wait ?? again;
            foreach (var (name, destination) in parts)
            {
                resolved[name] = destination;
            }
        }

        return new ResolvedDestinationCollection(resolved, again is { } after ? ChangeAfter(after) : null);
    }

    private async Task<(IEnumerable<KeyValuePair<string, DestinationConfig>> Parts, TimeSpan? Again)> ResolveAsync(
        string name, DestinationConfig destination, CancellationToken cancel)
    {
        if (RelayAddress.TryRead(destination.Address, out var address) is not null || address!.EndPoint is not null)
        {
            return ([new(name, destination)], null);
        }

        var answer = await LookUpAsync(name, address.Host, cancel);
        var again = answer.Failing ? Retry : Refresh;
        return answer.Addresses.Length == 0
            ? ([new(name, destination)], again)
            : (answer.Addresses.Select((at, n) => KeyValuePair.Create(n == 0 ? name : $"{name}[{at}]", destination with
            {
                Address = address.At(at).ToString(),
                Host = address.Host,
                Metadata = new Dictionary<string, string>(destination.Metadata ?? new Dictionary<string, string>(),
                    StringComparer.OrdinalIgnoreCase) { [NameKey] = name },
            })), again);
    }

    private async Task<Answer> LookUpAsync(string relay, string host, CancellationToken cancel)
    {
        var before = _answers.GetValueOrDefault(host, Answer.None);
        Answer answer;
        try
        {
            IPAddress[] addresses = [.. (await lookUp(host, cancel).WaitAsync(Patience, time, cancel)).Distinct()
                .Order(ByFamilyAndAddress)];
            answer = addresses.Length > 0 ? new Answer(addresses, Failing: false) : before with { Failing = true };
            if (answer.Failing && !before.Failing)
            {
                LogUnresolved(relay, host, "there are no addresses");
            }
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            answer = before with { Failing = true };
            if (!before.Failing)
            {
                LogUnresolved(relay, host, e.Message);
            }
        }

        if (before.Failing && !answer.Failing)
        {
            LogResolved(relay, host, answer.Addresses.Length);
        }

        return _answers[host] = answer;
    }

    private CancellationChangeToken ChangeAfter(TimeSpan wait)
    {
        // It disposes of itself: the timer is all that it holds.
        var source = new CancellationTokenSource(wait, time);
        source.Token.Register(static s => ((CancellationTokenSource)s!).Dispose(), source);
        return new CancellationChangeToken(source.Token);
    }

    [LoggerMessage(EventId = 300, Level = LogLevel.Warning,
        Message = "Relay {Relay}: the name {Host} does not resolve and is asked for again: {Reason}")]
    private partial void LogUnresolved(string relay, string host, string reason);

    [LoggerMessage(EventId = 303, Level = LogLevel.Information,
        Message = "Relay {Relay}: the name {Host} resolves again, to {Addresses} addresses")]
    private partial void LogResolved(string relay, string host, int addresses);

    /// <summary>What is known of a name: its last addresses, and whether the last question failed.</summary>
    private sealed record Answer(IPAddress[] Addresses, bool Failing)
    {
        public static readonly Answer None = new([], Failing: false);
    }
}
