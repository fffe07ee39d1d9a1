namespace SmtpProxy.Configuration.Schema;

/// <summary>The section <c>Logging</c>: its properties are the keys that are read.</summary>
internal record LogSettings : LogLevels
{
    /// <summary>The log on standard error alone.</summary>
    public ConsoleLog Console { get; set; } = new();

    /// <summary>Levels of the log that is pushed.</summary>
    public LogLevels OpenTelemetry { get; set; } = new();
}

/// <summary>Levels of the log on standard error, and how its lines are written.</summary>
internal record ConsoleLog : LogLevels
{
    /// <summary>How its lines, and those that say what is open, are written.</summary>
    public LogForm FormatterName { get; set; }
}

/// <summary>Levels by category.</summary>
internal record LogLevels
{
    /// <summary>The least that is logged, by category or beginning of one; <c>Default</c> is all others.</summary>
    public Dictionary<string, LogLevel> LogLevel { get; set; } = [];
}
