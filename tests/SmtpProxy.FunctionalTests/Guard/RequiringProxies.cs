using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>Proxies that require TLS of their clients. One a transport, before a relay that records, takes all the
/// attacks that need no other.</summary>
public sealed class RequiringProxies : IAsyncLifetime, IDisposable
{
    private const string Tls = "--SmtpProxy:Listeners:inbound:Tls";
    private readonly TestCertificates _made = new();
    private readonly Dictionary<string, (RecordingRelay Relay, ProxyProcess Proxy)> _started = [];

    /// <summary>The proxy of a transport and its relay, started when first asked for. Tests of a class run one after the other.</summary>
    internal async Task<(RecordingRelay Relay, ProxyProcess Proxy)> OfAsync(string transport)
    {
        if (!_started.TryGetValue(transport, out var started))
        {
            var relay = new RecordingRelay(_made.Good().Load());
            _started[transport] = started = (relay, await StartAsync(relay.Address, transport));
        }

        return started;
    }

    /// <summary>Another one, before the given relay.</summary>
    internal Task<ProxyProcess> StartAsync(string relay, string transport) => ProxyProcess.StartAsync(
    [
        "--relay", relay, $"--SmtpProxy:Transport={transport}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None",
        $"{Tls}:Mode=StartTls", $"{Tls}:Require=true", .. _made.Good().Arguments("inbound"),
    ]);

    public Task InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync()
    {
        foreach (var (relay, proxy) in _started.Values)
        {
            await proxy.DisposeAsync();
            await relay.DisposeAsync();
        }
    }

    public void Dispose() => _made.Dispose();
}
