using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli.Output;

/// <summary>Writes one line of JSON for programs that collect logs. Whatever is in a text, the line stays one line: JSON has no control
/// characters in its strings (RFC 8259, section 7).</summary>
internal static class JsonLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line, without its end.</summary>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        var octets = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(octets, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(octets.WrittenSpan);
    }

    /// <summary>A line of standard output that says what is open, as the log writes its own.</summary>
    public static string Ready(LogForm form, string text) => Of(json =>
    {
        json.WriteString(form == LogForm.Ecs ? "@timestamp" : "timestamp", Now());
        json.WriteString(form == LogForm.Ecs ? "event.action" : "event_name", text.Split(' ')[0]);
        json.WriteString(form == LogForm.Ecs ? "message" : "body", text);
    });

    /// <summary>The time, in UTC (RFC 3339).</summary>
    public static string Now() => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>A value that was logged: numbers and truth values as such, everything else as text.</summary>
    public static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null: json.WriteNull(name); break;
            case bool truth: json.WriteBoolean(name, truth); break;
            case int number: json.WriteNumber(name, number); break;
            case long number: json.WriteNumber(name, number); break;
            case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
            default: json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}
