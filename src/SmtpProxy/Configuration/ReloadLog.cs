using SmtpProxy.Configuration.Rules;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Telemetry;

namespace SmtpProxy.Configuration;

/// <summary>Says what became of a changed configuration: applied, refused and why, or waiting for a restart.</summary>
internal sealed partial class ReloadLog : IHostedService
{
    /// <summary>What readers follow while running. The rest is read once.</summary>
    private static readonly string[] Live = [$"{Settings.Section}:Limits", $"{Settings.Section}:Privacy", Roots.Relays, Roots.Log,
        SinkRules.AcceptPublic];

    private static readonly string[] LiveOfListeners =
        [nameof(ListenerOptions.Allow), nameof(ListenerOptions.Deny), nameof(ListenerOptions.MaxSessions),
            nameof(ListenerOptions.MaxSessionsPerClient)];

    private readonly ValidatedConfiguration _configuration;
    private readonly ITelemetry _telemetry;
    private readonly ILogger<ReloadLog> _log;

    public ReloadLog(ValidatedConfiguration configuration, ITelemetry telemetry, ILogger<ReloadLog> log) =>
        (_configuration, _telemetry, _log) = (configuration, telemetry, log);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _configuration.Settled += Applied;
        _configuration.Refused += Refused;
        foreach (var section in _configuration.Sources.Ignored)
        {
            LogIgnored(section);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _configuration.Settled -= Applied;
        _configuration.Refused -= Refused;
        return Task.CompletedTask;
    }

    private void Applied(IReadOnlyCollection<string> changed)
    {
        _telemetry.ConfigReloaded(applied: true);
        if (changed.Count == 0)
        {
            LogGoodAgain();
        }

        foreach (var key in changed.Order(StringComparer.Ordinal))
        {
            if (Live.Any(section => Roots.IsIn(key, section)) || IsAccess(key))
            {
                LogApplied(key);
            }
            else
            {
                LogAtRestart(key);
            }
        }
    }

    /// <summary>Of a listener, only whom it serves.</summary>
    private static bool IsAccess(string key) =>
        Roots.IsIn(key, $"{Settings.Section}:Listeners") && LiveOfListeners.Contains(key.Split(':')[^1], StringComparer.OrdinalIgnoreCase);

    private void Refused(IReadOnlyList<Problem> problems)
    {
        _telemetry.ConfigReloaded(applied: false);
        foreach (var problem in problems)
        {
            LogRefused(problem.Text);
        }
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Information, Message = "Configuration changed: {Key} applies to new sessions")]
    private partial void LogApplied(string key);

    [LoggerMessage(EventId = 101, Level = LogLevel.Warning, Message = "Configuration changed: {Key} applies at restart")]
    private partial void LogAtRestart(string key);

    [LoggerMessage(EventId = 102, Level = LogLevel.Error,
        Message = "The changed configuration is refused and the last good one stays: {Problem}")]
    private partial void LogRefused(string problem);

    [LoggerMessage(EventId = 105, Level = LogLevel.Information, Message = "The configuration is good again, and as it was before")]
    private partial void LogGoodAgain();

    [LoggerMessage(EventId = 106, Level = LogLevel.Warning, Message = "Nothing here reads the section {Section}")]
    private partial void LogIgnored(string section);
}
