namespace SmtpProxy.Configuration;

/// <summary>Says at the start, and whenever it changes, where mail goes to that nobody may want to go there.</summary>
internal sealed partial class DestinationLog(ValidatedConfiguration configuration, ILogger<DestinationLog> log) : IHostedService
{
    private HashSet<string> _told = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        configuration.Settled += Changed;
        Tell();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        configuration.Settled -= Changed;
        return Task.CompletedTask;
    }

    private void Changed(IReadOnlyCollection<string> keys) => Tell();

    private void Tell()
    {
        HashSet<string> all = [.. DestinationNotices.Of(configuration)];
        foreach (var notice in all.Except(_told))
        {
            LogNotice(notice);
        }

        _told = all;
    }

    [LoggerMessage(EventId = 103, Level = LogLevel.Warning, Message = "{Notice}")]
    private partial void LogNotice(string notice);
}
