using System.Diagnostics.Metrics;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Telemetry.Export;

/// <summary>How the push of each signal fares. Lives as long as the host: from its start on there is a log to tell, and its stop lets what
/// waits go, for a short time that all signals have together. Stops after whatever makes telemetry.</summary>
internal sealed class Exports : IHostedService, IDisposable
{
    private readonly ExportState[] _states;
    private readonly SdkCounters _sdk;
    private ILogger<ExportLog>? _log;

    public Exports(TimeProvider time)
    {
        _states = [.. Enum.GetValues<ExportSignal>().Select(signal => new ExportState(signal, Counts, time))];
        // Before the SDK makes its queues, so that it hears of all that comes and goes.
        _sdk = new SdkCounters(this[ExportSignal.Traces], this[ExportSignal.Logs]);
    }

    /// <summary>What became of what was pushed.</summary>
    public ExportCounts Counts { get; } = new();

    /// <summary>How a signal fares.</summary>
    public ExportState this[ExportSignal signal] => _states[(int)signal];

    /// <summary>Sets where it is shown. The exporters of logs are made before there is a log, so that cannot be
    /// given when this is made.</summary>
    public Exports Shown(Meter meter, ILogger<ExportLog> log)
    {
        Counts.Publish(meter);
        _log = log;
        return this;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_log is { } log)
        {
            Array.ForEach(_states, state => state.Log = new ExportLog(log));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Array.ForEach(_states, static state => state.End());
        return Task.CompletedTask;
    }

    /// <summary>The states stay as they are: the SDK puts its exporters away after this, and their last
    /// requests still end in time.</summary>
    public void Dispose() => _sdk.Dispose();
}
