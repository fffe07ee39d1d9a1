namespace SmtpProxy.Telemetry.Export;

/// <summary>Logs how the push of telemetry fares.</summary>
internal sealed partial class ExportLog(ILogger<ExportLog> log)
{
    /// <summary>The SDK hides what is logged while it exports from its own exporters, by a mark in the flow of execution. These lines are
    /// about one signal and may well leave by another, so they are written where there is no such mark.</summary>
    private readonly ExecutionContext? _unmarked = ExecutionContext.Capture();

    /// <summary>Nothing arrives any more.</summary>
    public void Failed(string signal, string endpoint, string why) => Unmarked(() => LogFailed(signal, endpoint, why));

    /// <summary>It arrives, but too slowly.</summary>
    public void Dropped(string signal, string endpoint) => Unmarked(() => LogDropped(signal, endpoint));

    /// <summary>It arrives again.</summary>
    public void Recovered(string signal, string endpoint, long lost) => Unmarked(() => LogRecovered(signal, endpoint, lost));

    private void Unmarked(Action write)
    {
        if (_unmarked is null)
        {
            write();
            return;
        }

        ExecutionContext.Run(_unmarked, static w => ((Action)w!)(), write);
    }

    [LoggerMessage(EventId = 395, Level = LogLevel.Warning,
        Message = "The push of {Signal} to {Endpoint} fails: {Why}. What is not taken is lost, and counted in smtpproxy.export.items")]
    private partial void LogFailed(string signal, string endpoint, string why);

    [LoggerMessage(EventId = 396, Level = LogLevel.Warning,
        Message =
            "The push of {Signal} to {Endpoint} is too slow: more waits for it than may, and the rest is dropped, and counted in " +
                "smtpproxy.export.items")]
    private partial void LogDropped(string signal, string endpoint);

    [LoggerMessage(EventId = 397, Level = LogLevel.Information,
        Message = "The push of {Signal} to {Endpoint} is well again; {Lost} items were lost")]
    private partial void LogRecovered(string signal, string endpoint, long lost);
}
