namespace SmtpProxy.Configuration.Schema;

/// <summary>The section <c>Logging</c>: its properties are the keys that are read.</summary>
internal record LogSettings : LogLevels
{
    /// <summary>Levels of the log on standard error alone.</summary>
    public LogLevels Console { get; set; } = new();

    /// <summary>Levels of the log that is pushed.</summary>
    public LogLevels OpenTelemetry { get; set; } = new();
}

/// <summary>Levels by category.</summary>
internal record LogLevels
{
    /// <summary>The least that is logged, by category or beginning of one; <c>Default</c> is all others.</summary>
    public Dictionary<string, LogLevel> LogLevel { get; set; } = [];
}
