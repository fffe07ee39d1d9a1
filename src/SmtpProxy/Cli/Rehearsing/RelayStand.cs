using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Sink;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Selection;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>The relays behind a rehearsal's own proxy: they take all mail and discard it, unless the file says otherwise.</summary>
/// <param name="keep">Envelopes that are remembered, of all of them.</param>
internal sealed class RelayStand(int keep = 0) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly ITransport _transport = TransportFactory.Create(TransportKind.Auto, NullLoggerFactory.Instance);
    private readonly SinkMailbox _mailbox = new(keep, TimeProvider.System);
    private readonly List<SinkService> _open = [];
    private readonly Dictionary<string, EndPoint> _addresses = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where each is.</summary>
    public IReadOnlyDictionary<string, EndPoint> Addresses => _addresses;

    /// <summary>What they have taken, oldest first.</summary>
    public IEnumerable<SinkMessage> Taken => _mailbox.Messages().Reverse();

    /// <summary>Opens them.</summary>
    public async Task OpenAsync(IReadOnlyList<PlannedRelay> relays)
    {
        foreach (var relay in relays.Count > 0 ? relays : [new PlannedRelay("relay", "", IsAway: false)])
        {
            var sink = new SinkService(Options.Create(new SinkOptions { Address = "127.0.0.1:0", Answers = relay.Answers, Keep = keep }),
                _mailbox, _transport, NullLogger<SinkService>.Instance);
            await sink.StartAsync(CancellationToken.None).ConfigureAwait(false);
            _addresses[relay.Name] = sink.SmtpAddress!;
            if (relay.IsAway)
            {
                // A port that was free a moment ago: nobody listens there.
                await CloseAsync(sink).ConfigureAwait(false);
            }
            else
            {
                _open.Add(sink);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_open.Select(CloseAsync)).ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task CloseAsync(SinkService sink)
    {
        using var patience = new CancellationTokenSource(Patience);
        await sink.StopAsync(patience.Token).ConfigureAwait(false);
    }
}
