using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace SmtpProxy.Live;

/// <summary>Asks for the name of an address (PTR, RFC 1035 3.3.12); throws <see cref="SocketException"/> when there is none.</summary>
internal delegate Task<string> ReverseLookup(IPAddress address, CancellationToken cancel);

/// <summary>
/// Names of clients by reverse lookup, where <see cref="LiveOptions.ResolveClients"/> asks for them: only of clients that somebody looks
/// at, a few at a time, and kept for
/// a while. Whoever has the address chose the name: it says who claims to be there, and nothing is decided by it. Thread-safe; nobody
/// waits for a lookup.
/// </summary>
internal sealed class ClientNames(LiveOptions options, ReverseLookup lookup, TimeProvider time) : BackgroundService
{
    /// <summary>Names that are kept, found or not.</summary>
    public const int Most = 10_000;

    /// <summary>Addresses that wait for a lookup; what comes beyond that is asked for again by whoever looks again.</summary>
    public const int MostWaiting = 256;

    private const int AtOnce = 4;
    private const int Longest = 255;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan MissingFor = TimeSpan.FromMinutes(10);
    private static readonly SearchValues<char> OfHosts =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (string? Name, DateTimeOffset Until)> _known = [];
    private readonly Queue<IPAddress> _order = new();
    private readonly HashSet<IPAddress> _asked = [];
    private readonly Channel<IPAddress> _waiting = Channel.CreateBounded<IPAddress>(MostWaiting);

    /// <summary>The name of an address; null: it has none, or it is not known yet, and will be asked for.</summary>
    public string? Of(IPAddress address)
    {
        if (!options.ResolveClients)
        {
            return null;
        }

        lock (_lock)
        {
            var isKnown = _known.TryGetValue(address, out var known);
            if ((!isKnown || known.Until <= time.GetUtcNow()) && _asked.Add(address) && !_waiting.Writer.TryWrite(address))
            {
                _asked.Remove(address);
            }

            return known.Name;
        }
    }

    /// <summary>The name of an address where it is known; asks nobody.</summary>
    public string? Known(IPAddress address)
    {
        lock (_lock)
        {
            return _known.GetValueOrDefault(address).Name;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.ResolveClients ? Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => LookUpAsync(stoppingToken))) : Task.CompletedTask;

    private async Task LookUpAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var address in _waiting.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
            {
                Keep(address, await AskAsync(address, stopping).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    private async Task<string?> AskAsync(IPAddress address, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            // A resolver that does not hear of the token is left to itself.
            var name = (await lookup(address, patience.Token).WaitAsync(patience.Token).ConfigureAwait(false)).TrimEnd('.');
            return name.Length is > 0 and <= Longest && !name.AsSpan().ContainsAnyExcept(OfHosts) && !IPAddress.TryParse(name, out _)
                ? name : null;
        }
        catch (Exception e) when (e is SocketException or ArgumentException
            || (e is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return null;
        }
    }

    private void Keep(IPAddress address, string? name)
    {
        lock (_lock)
        {
            if (!_known.ContainsKey(address))
            {
                _order.Enqueue(address);
            }

            _known[address] = (name, time.GetUtcNow() + (name is null ? MissingFor : KeptFor));
            _asked.Remove(address);
            while (_known.Count > Most)
            {
                _known.Remove(_order.Dequeue());
            }
        }
    }
}
