using System.Globalization;
using System.Text.Json;
using SmtpProxy.Cli.Output;
using static SmtpProxy.Cli.Output.SessionLines;

namespace SmtpProxy.Cli.Watching;

/// <summary>Sessions as rows of a table, for a screen. Where it is narrow, columns are as wide as what stands in them, and the last ones
/// before the state give way: the state is what people look for.</summary>
/// <param name="paint">Colours.</param>
internal sealed class SessionTable(Paint paint)
{
    private const int WidestClient = 20, WidestRelay = 12, Took = 8, Counted = 8;

    /// <summary>The mark, the time, and what is between the columns.</summary>
    private const int Rest = 14;

    /// <summary>Columns of the state: so many it should have, and has at least.</summary>
    private const int Wanted = 34, Least = 16;

    private int _client = WidestClient, _relay = WidestRelay;
    private bool _hasRelay = true, _hasTook = true, _hasMessages = true;

    /// <summary>The heading of <see cref="Row"/>.</summary>
    public string Heading => Line(" ", "began   ", "client", "relay", "took", "messages", "state");

    private int Room => Rest + _client + (_hasRelay ? _relay + 2 : 0) + (_hasTook ? Took + 1 : 0) + (_hasMessages ? Counted + 2 : 0);

    /// <summary>Chooses the columns.</summary>
    /// <param name="sessions">What is shown.</param>
    /// <param name="width">Columns there are.</param>
    public void Fit(IReadOnlyList<JsonElement> sessions, int width)
    {
        (_client, _relay, _hasRelay, _hasTook, _hasMessages) = (WidestClient, WidestRelay, true, true, true);
        if (width - Room < Wanted)
        {
            _client = Math.Min(WidestClient, sessions.Select(static s => ClientOf(s).Length).Append("client".Length).Max());
            _relay = Math.Min(WidestRelay, sessions.Select(static s => Text(s, "destination")?.Length ?? 0).Append("relay".Length).Max());
            _hasMessages = width - Room >= Least;
            _hasTook = width - Room >= Least;
            _hasRelay = width - Room >= Least;
        }
    }

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
        var text = Line(isChosen ? ">" : " ", began, ClientOf(session), Text(session, "destination") ?? "-",
            Time(Number(session, "duration_ms")), Messages(session), state);
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

    /// <summary>A name of which the end stays: names of pods begin alike.</summary>
    internal static string CutBefore(string text, int width) =>
        text.Length <= width ? text : width < 2 ? "" : "…" + text[^(width - 1)..];

    private string Line(string mark, string began, string client, string relay, string took, string messages, string state) =>
        $"{mark} {began}  {Cut(client, _client).PadRight(_client)}"
        + (_hasRelay ? $"  {Cut(relay, _relay).PadRight(_relay)}" : "") + (_hasTook ? $" {took,Took}" : "")
        + (_hasMessages ? $"  {messages,-Counted}" : "") + $"  {state}";

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
