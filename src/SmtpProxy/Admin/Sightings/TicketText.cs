using System.Globalization;
using System.Text;
using System.Text.Json;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Admin.Sightings;

/// <summary>A session as a text for a ticket: verbs, codes, sizes and times. No address, no name of a person, host or relay,
/// nothing that anybody said.</summary>
internal static class TicketText
{
    private static readonly HashSet<string> KnownVerbs = [.. Enum.GetValues<Verb>().Select(WireNames.Of).OfType<string>()];

    /// <summary>Writes it from the object that the API shows.</summary>
    public static string Of(ReadOnlyMemory<byte> detail)
    {
        using var document = JsonDocument.Parse(detail);
        var session = document.RootElement;
        var text = new StringBuilder();
        string Of(string name) => session.GetProperty(name).ToString() is { Length: > 0 } value ? value : "-";
        text.Append(CultureInfo.InvariantCulture,
            $"session {Of("session")}, {(session.GetProperty("live").GetBoolean() ? "open until" : "ended")} {Of("time")}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"protocol {Of("protocol")}, tls {Of("tls")}, {Of("mode")}, outcome {Of("outcome")}, state {Of("final_state")}\n");
        text.Append(CultureInfo.InvariantCulture,
            $"time {Of("duration_ms")} ms: client {Of("client_ms")}, relay {Of("relay_ms")}, proxy {Of("proxy_ms")}\n");
        text.Append(CultureInfo.InvariantCulture, $"octets: client {Of("client_octets")}, relay {Of("server_octets")}\n\n");
        text.Append("       at ms         ms\n");
        if (session.GetProperty("greeting") is { ValueKind: JsonValueKind.Object } greeting)
        {
            Line(text, "(greeting)", greeting);
        }

        foreach (var exchange in session.GetProperty("exchanges").EnumerateArray())
        {
            Line(text, Words(exchange), exchange);
        }

        foreach (var transaction in session.GetProperty("transactions").EnumerateArray())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\nmessage: {transaction.GetProperty("verdict")}, {transaction.GetProperty("accepted")} recipients accepted, " +
                    $"{transaction.GetProperty("rejected")} rejected, {Or(transaction, "message_octets")} octets, codes " +
                        $"{string.Join(' ', transaction.GetProperty("final_codes").EnumerateArray())}\n");
        }

        var anomalies = session.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString()).ToArray();
        if (anomalies.Length > 0)
        {
            text.Append("\nanomalies: ").AppendJoin(", ", anomalies).Append('\n');
        }

        foreach (var fault in session.GetProperty("faults").EnumerateArray())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"\nfault: {fault.GetProperty("action")} at {fault.GetProperty("point")}, the client saw {Or(fault, "client_code")}, " +
                    $"the relay said {Or(fault, "relay_code")}\n");
        }

        if (session.GetProperty("diagnosis") is { ValueKind: JsonValueKind.Object } diagnosis)
        {
            text.Append(CultureInfo.InvariantCulture, $"\ndiagnosis: {diagnosis.GetProperty("code")}: {diagnosis.GetProperty("text")}\n");
        }

        return text.ToString();
    }

    private static string Words(JsonElement exchange)
    {
        var verb = exchange.GetProperty("verb")
            .GetString() switch { "" => "(empty line)", "." => "(end of data)", var known => Known(known!) };
        return exchange.TryGetProperty("size", out var size) ? $"{verb} {size}" : verb;
    }

    /// <summary>A verb that nobody knows may be anything, a password on the wrong line included.</summary>
    private static string Known(string verb) => KnownVerbs.Contains(verb) ? verb : "(unknown)";

    private static string Or(JsonElement element, string name) =>
        element.GetProperty(name).ToString() is { Length: > 0 } value ? value : "-";

    private static void Line(StringBuilder text, string words, JsonElement exchange)
    {
        var origin = exchange.TryGetProperty("origin", out var by) ? $"  by {by}" : "";
        text.Append(CultureInfo.InvariantCulture,
            $"{Or(exchange, "at_ms"),12} {Or(exchange, "ms"),10}  {words,-16} {Or(exchange, "code")} {Or(exchange, "enhanced")}{origin}\n");
    }
}
