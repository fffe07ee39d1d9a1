using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Selection;

namespace SmtpProxy.Demo;

/// <summary>All relays of the demo, on a transport of their own: what they do takes no time of the proxy's loops.</summary>
internal sealed class RelayPark : IAsyncDisposable
{
    private readonly ITransport _transport = TransportFactory.Create(TransportKind.Auto, NullLoggerFactory.Instance);
    private readonly CancellationTokenSource _closing = new();
    private readonly List<RunningRelay> _relays = [];
    private readonly TlsRelay _vault = new();
    private Task _fickle = Task.CompletedTask;

    /// <summary>Where each is.</summary>
    public IEnumerable<(string Cluster, string Name, string Character, EndPoint Address)> Relays =>
    [
        .. _relays.Select(static r => (r.Relay.Cluster, r.Relay.Name, r.Relay.Character, (EndPoint)r.Address)),
        ("vault", "vault", "offers STARTTLS", _vault.Address),
        ("providers", "provider", "takes mail over TLS, by STARTTLS", _vault.Address),
    ];

    /// <summary>The SHA-256 fingerprint of the one certificate that there is among them.</summary>
    public string Fingerprint => _vault.Fingerprint;

    /// <summary>The proxy's own certificate.</summary>
    public DemoCertificate Certificate { get; } = new();

    /// <summary>Opens them.</summary>
    public async Task OpenAsync()
    {
        foreach (var relay in Site.Relays())
        {
            var running = new RunningRelay(relay, _transport);
            await running.OpenAsync().ConfigureAwait(false);
            _relays.Add(running);
        }

        _fickle = Task.WhenAll(_relays.Where(static r => r.Relay.IsFickle).Select(r => r.ComeAndGoAsync(_closing.Token)));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _fickle.ConfigureAwait(false);
        await Task.WhenAll(_relays.Select(static r => r.CloseAsync())).ConfigureAwait(false);
        await _vault.DisposeAsync().ConfigureAwait(false);
        Certificate.Dispose();
        await _transport.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }
}
