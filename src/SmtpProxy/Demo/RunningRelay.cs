using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SmtpProxy.Sink;
using SmtpProxy.Transport;

namespace SmtpProxy.Demo;

/// <summary>A relay that listens, on a free port that it keeps when it goes away and comes back.</summary>
internal sealed class RunningRelay(Relay relay, ITransport transport)
{
    private const string AnyPort = "127.0.0.1:0";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private SinkService? _sink;

    /// <summary>What it is like.</summary>
    public Relay Relay => relay;

    /// <summary>Where it listens, or will again.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Opens it.</summary>
    /// <exception cref="TransportException">Somebody else has taken the port meanwhile.</exception>
    public async Task OpenAsync()
    {
        var options = relay.Options;
        options.Address = relay.IsLmtp ? AnyPort : Address.ToString();
        options.LmtpAddress = relay.IsLmtp ? Address.ToString() : null;
        options.Keep = 0;
        var sink = new SinkService(Options.Create(options), new SinkMailbox(0, TimeProvider.System), transport,
            NullLogger<SinkService>.Instance);
        await sink.StartAsync(CancellationToken.None).ConfigureAwait(false);
        Address = (IPEndPoint)(relay.IsLmtp ? sink.LmtpAddress! : sink.SmtpAddress!);
        _sink = sink;
    }

    /// <summary>Closes it; sessions hear 421.</summary>
    public async Task CloseAsync()
    {
        if (_sink is { } sink)
        {
            using var patience = new CancellationTokenSource(Patience);
            await sink.StopAsync(patience.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Is there and away in turns, until told otherwise.</summary>
    public async Task ComeAndGoAsync(CancellationToken cancellation)
    {
        try
        {
            for (var up = Site.UpAtFirst; ; up = Site.Up)
            {
                await Task.Delay(up, cancellation).ConfigureAwait(false);
                await CloseAsync().ConfigureAwait(false);
                await Task.Delay(Site.Away, cancellation).ConfigureAwait(false);
                await ComeBackAsync(cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The demo is over.
        }
    }

    private async Task ComeBackAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await OpenAsync().ConfigureAwait(false);
                return;
            }
            catch (TransportException)
            {
                // A port among those that the system gives away: whoever has it for now will not keep it.
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(false);
            }
        }
    }
}
