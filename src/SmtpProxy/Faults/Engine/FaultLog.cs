namespace SmtpProxy.Faults.Engine;

/// <summary>Tells an operator what the engine does. Thread-safe.</summary>
internal sealed partial class FaultLog(ILogger<FaultEngine> log, TimeProvider time)
{
    /// <summary>From one line about failures of the engine to the next: a broken rule fails at every session.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private DateTimeOffset _failureTold;
    private long _failures;

    public void Enabled(long seed) => LogEnabled(seed);

    public void Armed(string[] rules) => LogArmed(rules.Length, string.Join(", ", rules));

    public void Halted(string by, string reason) => LogHalted(by, reason);

    public void Resumed() => LogResumed();

    public void NotTaken(string rule, string problem) => LogNotTaken(rule, problem);

    /// <summary>The engine failed at a session.</summary>
    public void Failed(Exception e)
    {
        long failures;
        lock (_lock)
        {
            _failures++;
            var now = time.GetUtcNow();
            if (now - _failureTold < Interval)
            {
                return;
            }

            (failures, _failureTold) = (_failures, now);
        }

        LogFailed(e, failures);
    }

    [LoggerMessage(EventId = 600, Level = LogLevel.Warning, Message = "Faults are enabled in this process; seed {Seed}")]
    private partial void LogEnabled(long seed);

    [LoggerMessage(EventId = 601, Level = LogLevel.Warning, Message = "Faults are armed, {Count} in all: {Rules}")]
    private partial void LogArmed(int count, string rules);

    [LoggerMessage(EventId = 602, Level = LogLevel.Warning, Message = "Faults are halted by {By}: {Reason}")]
    private partial void LogHalted(string by, string reason);

    [LoggerMessage(EventId = 603, Level = LogLevel.Warning, Message = "Faults are resumed")]
    private partial void LogResumed();

    [LoggerMessage(EventId = 605, Level = LogLevel.Warning,
        Message = "The fleet's fault rule {Rule} cannot work here, and does not: {Problem}")]
    private partial void LogNotTaken(string rule, string problem);

    [LoggerMessage(EventId = 604, Level = LogLevel.Error,
        Message = "The fault engine failed at a session, which goes on without a fault; {Count} times since the start")]
    private partial void LogFailed(Exception e, long count);
}
