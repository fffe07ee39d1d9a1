using System.Globalization;
using System.Text.Json;

namespace SmtpProxy.Cli.Output;

/// <summary>One line of JSON for each entry of the log, with the names of the Elastic Common Schema, which Elasticsearch takes as they
/// are.</summary>
internal sealed class EcsFormatter()
    : JsonLineFormatter(FormatterName, ("trace.id", "span.id"), ("error.type", "error.message", "error.stack_trace"))
{
    public const string FormatterName = "ecs-json";

    /// <summary>The release of the schema whose names these are.</summary>
    private const string Version = "8.11.0";

    protected override void Write(Utf8JsonWriter json, LogFields entry)
    {
        json.WriteString("@timestamp", JsonLine.Now());
        json.WriteString("log.level", LevelOf(entry.Level));
        json.WriteString("message", entry.Message);
        json.WriteString("ecs.version", Version);
        json.WriteString("service.name", "smtpproxy");
        json.WriteString("log.logger", entry.Category);
        json.WriteString("event.code", entry.Event.Id.ToString(CultureInfo.InvariantCulture));
        WriteTrace(json);
        WriteError(json, entry);
        WriteValues(json, entry, "labels");
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
