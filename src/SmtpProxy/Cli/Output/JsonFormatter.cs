using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace SmtpProxy.Cli.Output;

/// <summary>One line of JSON for each entry of the log, with the names of OpenTelemetry's log data model: what comes by OTLP and what is
/// collected from standard error can be asked alike.</summary>
internal sealed class JsonFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "otel-json";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var fields = LogFields.Of(logEntry);
        textWriter.WriteLine(JsonLine.Of(json => Write(json, fields)));
    }

    private static void Write(Utf8JsonWriter json, LogFields entry)
    {
        json.WriteString("timestamp", JsonLine.Now());
        json.WriteString("severity_text", entry.Level.ToString());
        json.WriteNumber("severity_number", SeverityOf(entry.Level));
        json.WriteString("scope", entry.Category);
        json.WriteString("body", entry.Message);
        if (Activity.Current is { } activity)
        {
            json.WriteString("trace_id", activity.TraceId.ToHexString());
            json.WriteString("span_id", activity.SpanId.ToHexString());
        }

        json.WriteStartObject("attributes");
        json.WriteNumber("event.id", entry.Event.Id);
        foreach (var (name, value) in entry.Values)
        {
            JsonLine.Write(json, name, value);
        }

        if (entry.Exception is { } exception)
        {
            json.WriteString("exception.type", exception.GetType().FullName);
            json.WriteString("exception.message", exception.Message);
            json.WriteString("exception.stacktrace", exception.ToString());
        }

        json.WriteEndObject();
    }

    /// <summary>OpenTelemetry, Logs Data Model, "Field: SeverityNumber".</summary>
    private static int SeverityOf(LogLevel level) => (4 * (int)level) + 1;
}
