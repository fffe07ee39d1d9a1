using System.Text.Json;

namespace SmtpProxy.Cli.Output;

/// <summary>One line of JSON for each entry of the log, with the names of OpenTelemetry's log data model: what comes by OTLP and what is
/// collected from standard error can be asked alike.</summary>
internal sealed class JsonFormatter()
    : JsonLineFormatter(FormatterName, ("trace_id", "span_id"), ("exception.type", "exception.message", "exception.stacktrace"))
{
    public const string FormatterName = "otel-json";

    protected override void Write(Utf8JsonWriter json, LogFields entry)
    {
        json.WriteString("timestamp", JsonLine.Now());
        json.WriteString("severity_text", entry.Level.ToString());
        json.WriteNumber("severity_number", SeverityOf(entry.Level));
        json.WriteString("scope", entry.Category);
        json.WriteString("body", entry.Message);
        WriteTrace(json);
        WriteValues(json, entry, "attributes", () => json.WriteNumber("event.id", entry.Event.Id), () => WriteError(json, entry));
    }

    /// <summary>OpenTelemetry, Logs Data Model, "Field: SeverityNumber".</summary>
    private static int SeverityOf(LogLevel level) => (4 * (int)level) + 1;
}
