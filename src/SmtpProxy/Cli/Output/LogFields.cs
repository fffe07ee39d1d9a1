using Microsoft.Extensions.Logging.Abstractions;

namespace SmtpProxy.Cli.Output;

/// <summary>An entry of the log, as the forms for programs write it.</summary>
/// <param name="Level">How bad it is.</param>
/// <param name="Category">Who logged it.</param>
/// <param name="Event">What it is, by number.</param>
/// <param name="Message">Its text.</param>
/// <param name="Exception">What was thrown; null: nothing.</param>
/// <param name="Values">What stands in the text, by name.</param>
internal sealed record LogFields(
    LogLevel Level, string Category, EventId Event, string Message, Exception? Exception,
    IReadOnlyList<KeyValuePair<string, object?>> Values)
{
    /// <summary>The name under which the text's template is among the values.</summary>
    private const string Template = "{OriginalFormat}";

    public static LogFields Of<TState>(in LogEntry<TState> entry) => new(
        entry.LogLevel, entry.Category, entry.EventId, entry.Formatter(entry.State, entry.Exception), entry.Exception,
        entry.State is IReadOnlyList<KeyValuePair<string, object?>> values ? [.. values.Where(static v => v.Key != Template)] : []);
}
