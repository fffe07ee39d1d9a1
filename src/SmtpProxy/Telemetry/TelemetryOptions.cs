namespace SmtpProxy.Telemetry;

/// <summary>Metrics (<c>SmtpProxy:Telemetry</c>). Read at start.</summary>
public sealed class TelemetryOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "SmtpProxy:Telemetry";

    /// <summary>Series that each instrument may have; more are merged into one with <c>otel.metric.overflow</c>. 0 (the default) = worked out from
    /// the configured listeners and relays.</summary>
    public int CardinalityLimit { get; set; }

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well.</summary>
    public IEnumerable<string> Validate()
    {
        if (CardinalityLimit is < 0 or > 1_000_000)
        {
            yield return $"{Section}:CardinalityLimit: {CardinalityLimit} is not between 0 (worked out) and 1000000";
        }
    }
}
