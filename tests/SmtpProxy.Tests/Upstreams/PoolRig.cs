using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Upstreams;
using SmtpProxy.Upstreams.Relays;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Health;

namespace SmtpProxy.Tests.Upstreams;

/// <summary>The real pool on the real YARP, with a clock, a name server and a configuration that tests hold in their hands.</summary>
internal sealed class PoolRig : IAsyncDisposable, ILoggerProvider, ILogger
{
    private const string Clusters = "ReverseProxy:Clusters:";
    private static readonly IPEndPoint Client = new(IPAddress.Parse("192.0.2.7"), 40_112);
    private readonly Settings _settings = new();
    private readonly WebApplication _app;

    /// <summary>Loads a configuration.</summary>
    /// <param name="settings">Keys below <c>ReverseProxy:Clusters</c>, or whole ones with <c>ReverseProxy:</c>.</param>
    /// <param name="names">What the name server knows.</param>
    /// <param name="services">Adds more.</param>
    public PoolRig(IReadOnlyDictionary<string, string?> settings, Dictionary<string, string[]>? names = null,
        Action<IServiceCollection>? services = null)
    {
        Names = names ?? [];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _settings.Change(settings.Select(static s => KeyValuePair.Create(Key(s.Key), s.Value)));
        builder.Configuration.Sources.Add(_settings);
        builder.Logging.AddProvider(this);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton<NameLookup>((host, _) => Names.TryGetValue(host, out var addresses)
            ? Task.FromResult(addresses.Select(IPAddress.Parse).ToArray())
            : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));
        builder.Services.AddUpstreams(builder.Configuration);
        services?.Invoke(builder.Services);
        _app = builder.Build();
        _app.MapUpstreams();
    }

    public FakeTimeProvider Time { get; } = new();

    public Dictionary<string, string[]> Names { get; }

    /// <summary>Warnings and errors, with what caused them.</summary>
    public ConcurrentQueue<string> Log { get; } = [];

    public RelayPool Pool => _app.Services.GetRequiredService<RelayPool>();

    /// <summary>A cluster <c>relays</c> of relays a, b, c… at 192.0.2.1, .2, .3…</summary>
    public static Dictionary<string, string?> Relays(int count, string? policy = null)
    {
        var settings = Enumerable.Range(0, count).ToDictionary(
            static n => $"relays:Destinations:{(char)('a' + n)}:Address", static n => (string?)$"smtp://192.0.2.{n + 1}");
        settings["relays:LoadBalancingPolicy"] = policy;
        return settings;
    }

    /// <summary>Changes the configuration, as a changed file does; null removes a key.</summary>
    public void Reload(params (string Key, string? Value)[] changes)
    {
        _settings.Change(changes.Select(static c => KeyValuePair.Create(Key(c.Key), c.Value)));
    }

    public IRelayLease Pick(params IRelayLease[] tried)
    {
        Assert.True(Pool.TryPick("relays", Client, tried, out var lease, out var why), why);
        return lease!;
    }

    /// <summary>The relay that a session of this client gets; the session is over at once.</summary>
    public string PickFor(EndPoint client)
    {
        Assert.True(Pool.TryPick("relays", client, [], out var lease, out var why), why);
        using (lease)
        {
            return lease!.Destination;
        }
    }

    public string WhyNot(string cluster = "relays", params IRelayLease[] tried)
    {
        Assert.False(Pool.TryPick(cluster, Client, tried, out _, out var why));
        return why!;
    }

    /// <summary>One session after another, each reporting the same of whichever relay it gets; returns the relays.</summary>
    public List<string> Sessions(int count, RelayReport report)
    {
        var relays = new List<string>();
        for (var n = 0; n < count; n++)
        {
            using var lease = Pick();
            Report(lease, report);
            relays.Add(lease.Destination);
        }

        return relays;
    }

    /// <summary>Reports, and waits until it has taken effect: YARP lets another thread look at health.</summary>
    public void Report(IRelayLease lease, RelayReport report)
    {
        lease.Report(report);
        Assert.True(_app.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(lease.Cluster, out var cluster));
        _app.Services.GetRequiredService<IClusterDestinationsUpdater>().UpdateAllDestinations(cluster);
    }

    /// <summary>Takes a relay out of service, or puts it back.</summary>
    public IReadOnlyList<RelayView> Drain(string destination, bool drained) => _app.Services.Drain("relays", destination, drained);

    public RelayView View(string destination) => Pool.Views().Single(v => v.Destination == destination);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Warning)
        {
            Log.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    void IDisposable.Dispose()
    {
    }

    private static string Key(string key) => key.StartsWith("ReverseProxy:", StringComparison.Ordinal) ? key : Clusters + key;

    /// <summary>A source that changes at once, however many keys do.</summary>
    private sealed class Settings : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public void Change(IEnumerable<KeyValuePair<string, string?>> changes)
        {
            foreach (var (key, value) in changes)
            {
                Data[key] = value;
                if (value is null)
                {
                    Data.Remove(key);
                }
            }

            OnReload();
        }
    }
}
