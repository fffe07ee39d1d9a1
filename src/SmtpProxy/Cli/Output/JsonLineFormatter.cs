using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace SmtpProxy.Cli.Output;

/// <summary>One line of JSON for each entry of the log.</summary>
/// <param name="name">What a configuration calls it.</param>
/// <param name="trace">What the trace and the span are called.</param>
/// <param name="error">What type, message and stack of an exception are called.</param>
internal abstract class JsonLineFormatter(string name, (string Trace, string Span) trace, (string Type, string Message, string Stack) error)
    : ConsoleFormatter(name)
{
    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var fields = LogFields.Of(logEntry);
        textWriter.WriteLine(JsonLine.Of(json => Write(json, fields)));
    }

    /// <summary>Writes the members of the object.</summary>
    protected abstract void Write(Utf8JsonWriter json, LogFields entry);

    /// <summary>Writes in which trace it was said; nothing outside of one.</summary>
    protected void WriteTrace(Utf8JsonWriter json)
    {
        if (Activity.Current is { } activity)
        {
            json.WriteString(trace.Trace, activity.TraceId.ToHexString());
            json.WriteString(trace.Span, activity.SpanId.ToHexString());
        }
    }

    /// <summary>Writes what went wrong; nothing where nothing did.</summary>
    protected void WriteError(Utf8JsonWriter json, LogFields entry)
    {
        if (entry.Exception is { } exception)
        {
            json.WriteString(error.Type, exception.GetType().FullName);
            json.WriteString(error.Message, exception.Message);
            json.WriteString(error.Stack, exception.ToString());
        }
    }

    /// <summary>Writes what the entry is about, as an object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="called">What the object is called.</param>
    /// <param name="first">Writes what comes before; null: nothing.</param>
    /// <param name="last">Writes what comes after; null: nothing.</param>
    protected static void WriteValues(Utf8JsonWriter json, LogFields entry, string called, Action? first = null, Action? last = null)
    {
        json.WriteStartObject(called);
        first?.Invoke();
        foreach (var (name, value) in entry.Values)
        {
            JsonLine.Write(json, name, value);
        }

        last?.Invoke();
        json.WriteEndObject();
    }
}
