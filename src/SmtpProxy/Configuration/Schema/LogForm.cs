namespace SmtpProxy.Configuration.Schema;

/// <summary>How the lines of the log on standard error are written: <c>Logging:Console:FormatterName</c>.</summary>
public enum LogForm
{
    /// <summary>For people: the time, the level, the category and the message.</summary>
    Printable,

    /// <summary>JSON, with the names of OpenTelemetry's log data model.</summary>
    Json,

    /// <summary>JSON, with the names of the Elastic Common Schema.</summary>
    Ecs,
}

/// <summary>Reads it.</summary>
internal static class LogForms
{
    /// <summary>Its key.</summary>
    public const string Key = "Logging:Console:FormatterName";

    /// <summary>The form that a valid configuration asks for.</summary>
    public static LogForm Of(IConfiguration configuration) =>
        Enum.TryParse<LogForm>(configuration[Key], ignoreCase: true, out var form) ? form : LogForm.Printable;
}
