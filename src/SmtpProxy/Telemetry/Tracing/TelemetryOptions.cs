using System.Globalization;

namespace SmtpProxy.Telemetry.Tracing;

/// <summary>Metrics and traces (<c>SmtpProxy:Telemetry</c>). Read at start.</summary>
public sealed class TelemetryOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Telemetry";

    /// <summary>Series that each instrument may have; more are merged into one with <c>otel.metric.overflow</c>. 0 (the default) = worked
    /// out from the configured listeners and relays.</summary>
    public int CardinalityLimit { get; set; }

    /// <summary>Share of all sessions whose trace is kept by lot, from 0 to 1 (0.01). Sessions that went wrong are kept besides.</summary>
    public double SampleShare { get; set; } = 0.01;

    /// <summary>An operation of the relay that takes this long is a reason to keep the session's trace (5 s).</summary>
    public TimeSpan SlowThreshold { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The log says so when a session has waited for its relay for this long, while it does (30 s). 0 = it does not.</summary>
    public TimeSpan WaitWarning { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Traces that are begun in one second, whatever the reason; more are dropped and counted (50).</summary>
    public int MaxTracesPerSecond { get; set; } = 50;

    /// <summary>Whether a <c>traceparent</c> field in a message's header links the transaction to its sender's trace (false).</summary>
    public bool ReadTraceParent { get; set; }

    /// <summary>Whether a message's Message-ID is written to traces and journal (false).</summary>
    public bool ReadMessageId { get; set; }

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    public IEnumerable<string> Validate()
    {
        if (CardinalityLimit is < 0 or > 1_000_000)
        {
            yield return $"{Section}:CardinalityLimit: {CardinalityLimit} is not between 0 (worked out) and 1000000";
        }

        if (SampleShare is not (>= 0 and <= 1))
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{Section}:SampleShare: {SampleShare} is not between 0 (none) and 1 (every session)");
        }

        if (SlowThreshold <= TimeSpan.Zero)
        {
            yield return $"{Section}:SlowThreshold: {SlowThreshold} is not above zero; write hours:minutes:seconds, such as 00:00:05";
        }

        if (WaitWarning < TimeSpan.Zero)
        {
            yield return $"{Section}:WaitWarning: {WaitWarning} is below zero; write hours:minutes:seconds, such as 00:00:30, or " +
                $"00:00:00 for no such line";
        }

        if (MaxTracesPerSecond is < 0 or > 100_000)
        {
            yield return $"{Section}:MaxTracesPerSecond: {MaxTracesPerSecond} is not between 0 (no traces) and 100000";
        }
    }
}
