using System.Globalization;
using System.Text.Json;
using SmtpProxy.Cli.Output;
using static SmtpProxy.Cli.Output.SessionLines;

namespace SmtpProxy.Cli.Watching;

/// <summary>The dialogue of one session on one time axis: a bar is the relay's time; between bars the client thinks.</summary>
/// <param name="paint">Colours.</param>
internal sealed class SessionWaterfall(Paint paint)
{
    private const int BarWidth = 30;

    /// <summary>The lines.</summary>
    /// <param name="session">The session, whole.</param>
    /// <param name="width">Columns there are.</param>
    public IEnumerable<string> Lines(JsonElement session, int width)
    {
        var total = Math.Max(Number(session, "duration_ms") ?? 0, 0.001);
        yield return paint.Bold(SessionTable.Cut(
            Printable.Of(
                $"{Text(session, "session")}  {ClientOf(session)} -> {Text(session, "destination") ?? "no relay"} " +
                    $"({Text(session, "relay")})"), width));
        yield return SessionTable.Cut(Printable.Of(string.Create(CultureInfo.InvariantCulture,
            $"{Text(session, "outcome") ?? "goes on"}, {SessionTable.Time(total)}: client " +
                $"{SessionTable.Time(Number(session, "client_ms"))}, relay {SessionTable.Time(Number(session, "relay_ms"))}, proxy " +
                    $"{SessionTable.Time(Number(session, "proxy_ms"))}; TLS {Text(session, "tls")}")), width);
        if (session.TryGetProperty("greeting", out var greeting) && greeting.ValueKind == JsonValueKind.Object)
        {
            yield return Step("greeting", greeting, total, width);
        }

        foreach (var exchange in session.TryGetProperty("exchanges", out var exchanges) ? exchanges.EnumerateArray().ToArray() : [])
        {
            yield return Step(Text(exchange, "verb") ?? "?", exchange, total, width);
        }

        if (session.TryGetProperty("anomalies", out var anomalies) && anomalies.GetArrayLength() > 0)
        {
            yield return paint.Yellow(SessionTable.Cut(
                $"anomalies: {string.Join(", ", anomalies.EnumerateArray().Select(static a => Printable.Of(a.GetString())))}", width));
        }

        if (session.TryGetProperty("diagnosis", out var diagnosis) && diagnosis.ValueKind == JsonValueKind.Object)
        {
            foreach (var line in Paint.Wrapped(
                Printable.Of($"{Text(diagnosis, "code")}: {Text(diagnosis, "text")} {Text(diagnosis, "remedy")}"), width))
            {
                yield return paint.Red(line);
            }
        }
    }

    private string Step(string verb, JsonElement exchange, double total, int width)
    {
        var (at, took) = (Number(exchange, "at_ms") ?? 0, Number(exchange, "ms"));
        var before = Math.Clamp((int)(at * BarWidth / total), 0, BarWidth - 1);
        var length = Math.Clamp((int)Math.Round((took ?? 0) * BarWidth / total), 1, BarWidth - before);
        var bar = new string(' ', before) + new string('█', length) + new string(' ', BarWidth - before - length);
        var code = Number(exchange, "code");
        var reply = code is null ? "waiting"
            : string.Create(CultureInfo.InvariantCulture,
                $"{code:0} {Text(exchange, "enhanced")}" +
                    $"{(Text(exchange, "origin") is { } origin and not "relay" ? $" (by the {origin})" : "")}");
        var text =
            SessionTable.Cut(Printable.Of(string.Create(CultureInfo.InvariantCulture,
                $"{verb,-10}{SessionTable.Time(took),9}  {bar}  {reply}")), width);
        return code switch
        {
            null => paint.Yellow(text),
            >= 400 => paint.Red(text),
            _ => text,
        };
    }
}
