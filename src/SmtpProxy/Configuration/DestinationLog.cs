using System.Net.Sockets;
using SmtpProxy.Configuration.Rules;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Configuration;

/// <summary>Says at the start, and whenever it changes, where mail goes to that nobody may want to go there. Names of relays are looked up
/// beside the start, which does not wait for them.</summary>
internal sealed partial class DestinationLog(ValidatedConfiguration configuration, NameLookup lookUp, ILogger<DestinationLog> log)
    : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _telling = new();
    private HashSet<string> _told = [];
    private HashSet<string> _toldOfNames = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        configuration.Settled += Changed;
        Tell();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        configuration.Settled -= Changed;
        await _stopping.CancelAsync().ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private void Changed(IReadOnlyCollection<string> keys) => Tell();

    private void Tell()
    {
        Tell(DestinationNotices.Of(configuration), ref _told);
        if (DestinationNotices.Unknown(configuration).ToArray() is { Length: > 0 } unknown)
        {
            _ = LookUpAsync(unknown);
        }
    }

    /// <summary>Logs what is new.</summary>
    private void Tell(IEnumerable<string> notices, ref HashSet<string> told)
    {
        lock (_telling)
        {
            HashSet<string> all = [.. notices];
            foreach (var notice in all.Except(told))
            {
                LogNotice(notice);
            }

            told = all;
        }
    }

    private async Task LookUpAsync(OpenRelayRules.Untold[] relays)
    {
        try
        {
            var near = await Task.WhenAll(relays.Select(r => IsNearAsync(r.Address.Host, _stopping.Token))).ConfigureAwait(false);
            Tell(OpenRelayRules.Warnings(relays.Where((_, n) => near[n])), ref _toldOfNames);
        }
        catch (OperationCanceledException)
        {
            // Stopped: nobody wants to know any more.
        }
    }

    private async Task<bool> IsNearAsync(string host, CancellationToken cancel)
    {
        try
        {
            return (await lookUp(host, cancel).ConfigureAwait(false)).Any(OpenRelayRules.IsPrivate);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // It is asked for again when it is needed, and what comes of that is told elsewhere.
            return false;
        }
    }

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "{Notice}")]
    private partial void LogNotice(string notice);
}
