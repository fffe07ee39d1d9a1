using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Tests.Cli;

public sealed class PrintableFormatterTests
{
    [Fact]
    public void Entry_WithTextOfOthers_IsOneLineThatATerminalDoesNotObey()
    {
        var line = Written(LogLevel.Warning, "Faults are halted by \u001b[2J", new InvalidOperationException("CN=\u0007\r\nforged"));

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn: SmtpProxy\.X\[7\] Faults are halted by \\x1b\[2J .*CN=\\x07 forged",
            line);
        Assert.Single(line.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain(line.TrimEnd('\n'), char.IsControl);
    }

    [Fact]
    public void Answer_OverHttp_IsShownWithoutControlCharacters() => Assert.Equal(
        """{"reason\\x1b":["\\x1b[1m",1,null,{"a":true}]}""",
        PrintableJson.Of(JsonNode.Parse("""{"reason\u001b":["\u001b[1m",1,null,{"a":true}]}""")!).ToJsonString());

    private static string Written(LogLevel level, string message, Exception exception)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new PrintableFormatter()
            .Write(new LogEntry<string>(level, "SmtpProxy.X", new EventId(7), message, exception, static (state, _) => state), null, text);
        return text.ToString();
    }
}
