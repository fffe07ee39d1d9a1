using System.Globalization;
using System.Text.Json;
using SmtpProxy.Cli.Output;
using static SmtpProxy.Cli.Output.SessionLines;

namespace SmtpProxy.Cli.Watching;

/// <summary>Sessions as rows of a table, for a screen.</summary>
/// <param name="paint">Colours.</param>
internal sealed class SessionTable(Paint paint)
{
    /// <summary>The heading of <see cref="Row"/>.</summary>
    public const string Heading = "  began     client                relay           took  messages  state";

    /// <summary>One session in one row.</summary>
    /// <param name="session">Its summary.</param>
    /// <param name="width">Columns there are.</param>
    /// <param name="isChosen">Whether it is the one that Enter shows.</param>
    public string Row(JsonElement session, int width, bool isChosen)
    {
        var began = DateTimeOffset.FromUnixTimeMilliseconds((long)((Number(session, "started_unix") ?? 0) * 1000))
            .ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var isBad = session.TryGetProperty("diagnosis", out var diagnosis) && diagnosis.ValueKind == JsonValueKind.Object;
        var isLive = session.TryGetProperty("live", out var live) && live.ValueKind == JsonValueKind.True;
        var state = isLive ? $"waits for {Text(session, "waiting_for")} since {Time(Number(session, "waiting_ms"))}"
            : isBad ? $"{Text(diagnosis, "code")} {Codes(session)}"
            : $"{Text(session, "outcome")} {Codes(session)}";
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{(isChosen ? ">" : " ")} {began}  {Cut(ClientOf(session), 20),-20}  {Cut(Text(session, "destination") ?? "-", 12),-12} " +
                $"{Time(Number(session, "duration_ms")),8}  {Messages(session),-8}  {state}");
        text = Cut(Printable.Of(text), width);
        return isChosen ? paint.Bold(text) : isLive ? paint.Cyan(text) : isBad ? paint.Red(text) : text;
    }

    /// <summary>Time as a person says it.</summary>
    internal static string Time(double? milliseconds) => milliseconds switch
    {
        null => "-",
        < 10_000 and var ms => string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms"),
        var ms => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.0} s"),
    };

    internal static string Cut(string text, int width) => text.Length <= width ? text : width < 2 ? "" : text[..(width - 1)] + "…";

    /// <summary>Those that were accepted, of all.</summary>
    private static string Messages(JsonElement session)
    {
        if (!session.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Object)
        {
            return "";
        }

        var all = messages.EnumerateObject().Sum(static m => m.Value.GetInt32());
        return all == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{messages.GetProperty("accepted").GetInt32()}/{all}");
    }

    private static string Codes(JsonElement session) =>
        session.TryGetProperty("codes", out var codes) ? string.Join(' ', codes.EnumerateArray().Select(static c => c.ToString())) : "";
}
