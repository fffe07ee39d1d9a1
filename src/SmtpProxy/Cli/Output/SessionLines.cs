using System.Globalization;
using System.Net;
using System.Text.Json;

namespace SmtpProxy.Cli.Output;

/// <summary>
/// What became of a session's messages, one line each, and why in a second line where one failed. Reads the object that the API has of a
/// session, whole or its summary.
/// </summary>
/// <param name="paint">Colours.</param>
internal sealed class SessionLines(Paint paint)
{
    /// <summary>The lines; none where there was no message and nothing wrong.</summary>
    public IEnumerable<string> Of(JsonElement session)
    {
        var (who, any) = ($"{ClientOf(session)} -> {Text(session, "destination") ?? "no relay"}", false);
        if (session.TryGetProperty("transactions", out var transactions))
        {
            var finals = new Queue<JsonElement>(Finals(session));
            foreach (var transaction in transactions.EnumerateArray())
            {
                any = true;
                yield return Message(session, transaction, who, finals);
            }
        }
        else if (session.TryGetProperty("messages", out var messages))
        {
            foreach (var verdict in messages.EnumerateObject().Where(static v => v.Value.GetInt32() > 0))
            {
                any = true;
                yield return Line(verdict.Name == "accepted", who, verdict.Value.GetInt32(),
                    verdict.Name == "accepted" ? Accepted(session) : Refusal(session) ?? verdict.Name, session);
            }
        }

        if (session.TryGetProperty("diagnosis", out var diagnosis) && diagnosis.ValueKind == JsonValueKind.Object)
        {
            if (!any)
            {
                yield return Line(false, who, 1, Refusal(session) ?? Text(session, "outcome") ?? "", session);
            }

            yield return paint.Dim($"    {Printable.Of(Text(diagnosis, "code"))}: {Printable.Of(Text(diagnosis, "text"))}");
        }
    }

    private string Message(JsonElement session, JsonElement transaction, string who, Queue<JsonElement> finals)
    {
        var isGood = Text(transaction, "outcome") == "delivered";
        var said = isGood ? "250" : Text(transaction, "outcome") ?? "";
        if (transaction.TryGetProperty("final_codes", out var codes) && codes.GetArrayLength() > 0 && finals.TryDequeue(out var final))
        {
            said = $"{final.GetProperty("code")} {Text(final, "enhanced")}".TrimEnd();
        }
        else if (!isGood)
        {
            said = Refusal(session) ?? said;
        }

        return Line(isGood, who, 1, Text(transaction, "queue_id") is { } queue ? $"{said} {queue}" : said, transaction);
    }

    private string Line(bool isGood, string who, int count, string said, JsonElement timed)
    {
        var share = Number(timed, "relay_ms") is { } relay ? string.Create(CultureInfo.InvariantCulture, $" (relay {relay:0})") : "";
        var time = Number(timed, "duration_ms") is { } took ? string.Create(CultureInfo.InvariantCulture, $" {took:0} ms{share}") : "";
        var line =
            $"{(isGood ? "✓" : "✗")} {Printable.Of(who)} " +
                $"{Printable.Of(said)}{(count > 1 ? string.Create(CultureInfo.InvariantCulture, $" ×{count}") : "")}";
        return (isGood ? paint.Green(line) : paint.Red(line)) + paint.Dim(time);
    }

    /// <summary>The replies that decided about messages, in order.</summary>
    private static IEnumerable<JsonElement> Finals(JsonElement session) =>
        session.TryGetProperty("exchanges", out var exchanges)
            ? exchanges.EnumerateArray().Where(static e => Text(e, "verb") is "."
                || (Text(e, "verb") == "BDAT" && e.TryGetProperty("last", out var last) && last.ValueKind == JsonValueKind.True))
            : [];

    private static string Accepted(JsonElement session) => session.TryGetProperty("queue_ids", out var ids) && ids.GetArrayLength() > 0
        ? $"accepted {string.Join(' ', ids.EnumerateArray().Select(static id => id.GetString()))}"
        : "accepted";

    /// <summary>The first refusal, with what was refused.</summary>
    private static string? Refusal(JsonElement session) =>
        session.TryGetProperty("refusals", out var refusals) && refusals.GetArrayLength() > 0 && refusals[0] is var first
            ? string.Join(' ', new[] { first.GetProperty("code")
                .ToString(), Text(first, "enhanced"), Text(first, "verb") }.OfType<string>())
            : null;

    /// <summary>The client without its port, which tells a reader nothing.</summary>
    internal static string ClientOf(JsonElement session) =>
        Text(session, "client") is not { } client ? "?" : IPEndPoint.TryParse(client, out var at) ? at.Address.ToString() : client;

    internal static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static double? Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
