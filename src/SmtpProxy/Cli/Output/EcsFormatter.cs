using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace SmtpProxy.Cli.Output;

/// <summary>One line of JSON for each entry of the log, with the names of the Elastic Common Schema, which Elasticsearch takes as they
/// are.</summary>
internal sealed class EcsFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "ecs-json";

    /// <summary>The release of the schema whose names these are.</summary>
    private const string Version = "8.11.0";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var fields = LogFields.Of(logEntry);
        textWriter.WriteLine(JsonLine.Of(json => Write(json, fields)));
    }

    private static void Write(Utf8JsonWriter json, LogFields entry)
    {
        json.WriteString("@timestamp", JsonLine.Now());
        json.WriteString("log.level", LevelOf(entry.Level));
        json.WriteString("message", entry.Message);
        json.WriteString("ecs.version", Version);
        json.WriteString("service.name", "smtpproxy");
        json.WriteString("log.logger", entry.Category);
        json.WriteString("event.code", entry.Event.Id.ToString(CultureInfo.InvariantCulture));
        if (Activity.Current is { } activity)
        {
            json.WriteString("trace.id", activity.TraceId.ToHexString());
            json.WriteString("span.id", activity.SpanId.ToHexString());
        }

        if (entry.Exception is { } exception)
        {
            json.WriteString("error.type", exception.GetType().FullName);
            json.WriteString("error.message", exception.Message);
            json.WriteString("error.stack_trace", exception.ToString());
        }

        json.WriteStartObject("labels");
        foreach (var (name, value) in entry.Values)
        {
            JsonLine.Write(json, name, value);
        }

        json.WriteEndObject();
    }

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
