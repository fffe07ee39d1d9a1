using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry.Failures;

/// <summary>Logs that sessions have waited for a relay for too long, while they do: about each relay and what is waited for one line in
/// each <see cref="Interval"/>, however many sessions wait.</summary>
/// <param name="threshold">How long is too long; zero: nothing is.</param>
/// <param name="log">Where it is said.</param>
/// <param name="time">The clock.</param>
internal sealed partial class WaitLog(TimeSpan threshold, ILogger<WaitLog> log, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly Dictionary<(string, string, string), long> _said = [];

    /// <summary>Looks at what sessions wait for. Not from several threads at once.</summary>
    public void Look(IEnumerable<WaitNote> waits)
    {
        foreach (var wait in waits.Where(w => threshold > TimeSpan.Zero && w.Oldest >= threshold))
        {
            var key = (wait.For, wait.Cluster, wait.Destination);
            if (!_said.TryGetValue(key, out var last) || time.GetElapsedTime(last) >= Interval)
            {
                _said[key] = time.GetTimestamp();
                LogWaiting(wait.Count, wait.For, wait.Destination, wait.Cluster, (long)wait.Oldest.TotalSeconds, wait.Session);
            }
        }
    }

    [LoggerMessage(EventId = 432, Level = LogLevel.Warning,
        Message =
            "{Count} sessions wait for relay {Relay} of cluster {Cluster} ({Operation}), the first of them, {Session}, since {Seconds} s")]
    private partial void LogWaiting(int count, string operation, string relay, string cluster, long seconds, string session);
}
