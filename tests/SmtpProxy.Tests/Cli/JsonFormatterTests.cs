using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using SmtpProxy.Cli.Output;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Tests.Cli;

public sealed class JsonFormatterTests
{
    private static readonly Dictionary<string, object?> Values = new()
    {
        ["Relay"] = "mx1",
        ["Failures"] = 3,
        ["Share"] = 0.5,
        ["Octets"] = 5_000_000_000L,
        ["Drained"] = true,
        ["Why"] = null,
        ["Since"] = TimeSpan.FromSeconds(42),
        ["{OriginalFormat}"] = "{Relay} fails",
    };

    [Fact]
    public void Entry_AsOpenTelemetryNamesIt_HasEachValueByItsName()
    {
        var entry = Written(new JsonFormatter(), "mx1 fails", null);

        Assert.Equal(("Warning", 13, "SmtpProxy.X", "mx1 fails"),
            (Text(entry, "severity_text"), entry.GetProperty("severity_number").GetInt32(), Text(entry, "scope"), Text(entry, "body")));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", Text(entry, "timestamp"));
        Assert.Equal(
            """{"event.id":7,"Relay":"mx1","Failures":3,"Share":0.5,"Octets":5000000000,"Drained":true,"Why":null,"Since":"00:00:42"}""",
            entry.GetProperty("attributes").GetRawText());
        Assert.False(entry.TryGetProperty("trace_id", out _));
    }

    [Fact]
    public void Entry_AsElasticNamesIt_HasEachValueByItsName()
    {
        var entry = Written(new EcsFormatter(), "mx1 fails", new InvalidOperationException("no room"));

        Assert.Equal(("warn", "SmtpProxy.X", "mx1 fails", "7"),
            (Text(entry, "log.level"), Text(entry, "log.logger"), Text(entry, "message"), Text(entry, "event.code")));
        Assert.Equal(("System.InvalidOperationException", "no room"), (Text(entry, "error.type"), Text(entry, "error.message")));
        Assert.Equal("""{"Relay":"mx1","Failures":3,"Share":0.5,"Octets":5000000000,"Drained":true,"Why":null,"Since":"00:00:42"}""",
            entry.GetProperty("labels").GetRawText());
    }

    [Fact]
    public void Entry_WithinATrace_NamesIt()
    {
        using var activity = new Activity("session").SetIdFormat(ActivityIdFormat.W3C).Start();

        Assert.Equal(activity.TraceId.ToHexString(), Text(Written(new JsonFormatter(), "x", null), "trace_id"));
        Assert.Equal(activity.SpanId.ToHexString(), Text(Written(new EcsFormatter(), "x", null), "span.id"));
    }

    /// <summary>What others chose may be anything.</summary>
    [Fact]
    public void Entry_WithTextOfOthers_IsOneLineThatATerminalDoesNotObey()
    {
        foreach (var formatter in new ConsoleFormatter[] { new JsonFormatter(), new EcsFormatter() })
        {
            var line = Line(formatter, "a\r\n\u001b[2J\u0085\u009b\u007fb", new InvalidOperationException("c\nd"));

            Assert.Single(line.TrimEnd('\n').Split('\n'));
            Assert.DoesNotContain(line.TrimEnd('\n'), char.IsControl);
        }
    }

    [Theory]
    [InlineData(LogForm.Json, "event_name", "body")]
    [InlineData(LogForm.Ecs, "event.action", "message")]
    public void WhatIsOpen_IsALineLikeTheOthers(LogForm form, string action, string text)
    {
        var line = JsonElement.Parse(JsonLine.Ready(form, "listening inbound 127.0.0.1:25 -> relays"));

        Assert.Equal(("listening", "listening inbound 127.0.0.1:25 -> relays"), (Text(line, action), Text(line, text)));
    }

    private static JsonElement Written(ConsoleFormatter formatter, string message, Exception? exception) =>
        JsonElement.Parse(Line(formatter, message, exception));

    private static string Line(ConsoleFormatter formatter, string message, Exception? exception)
    {
        using var text = new StringWriter { NewLine = "\n" };
        formatter.Write(
            new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(LogLevel.Warning, "SmtpProxy.X", new EventId(7), [.. Values],
                exception, (_, _) => message), null, text);
        return text.ToString();
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
