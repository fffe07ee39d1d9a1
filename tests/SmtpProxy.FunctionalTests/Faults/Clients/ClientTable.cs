using System.Globalization;
using System.Text;
using System.Text.Json;
using SmtpProxy.Faults.Presets;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>What was observed, as the page says it.</summary>
internal static class ClientTable
{
    /// <summary>A table for each preset.</summary>
    public static string Of(IReadOnlyList<CellResult> results, ILookup<string, JsonElement> sessions, IReadOnlyList<JsonElement> injections)
    {
        var text = new StringBuilder();
        foreach (var rehearsal in results.GroupBy(static r => r.Cell.Rehearsal))
        {
            var again = rehearsal.Key.Again?.Words;
            text.Append(CultureInfo.InvariantCulture, $"### {rehearsal.Key.Title}\n{Preset(rehearsal.Key)}\n\n");
            text.Append(again is null
                ? "| client | it reports | the relay has | the operator sees | so |\n| --- | --- | --- | --- | --- |\n"
                : $"| client | it reports | the relay has | connection | tried again {again} | the relay has | the operator sees | so |\n" +
                    $"| --- | --- | --- | --- | --- | --- | --- | --- |\n");
            foreach (var result in rehearsal)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"| {result.Cell.Client} | {Reports(result.First)} | {Messages(result, result.FirstTaken)} ");
                if (again is not null)
                {
                    text.Append(CultureInfo.InvariantCulture,
                        $"| {Connection(result, sessions)} | {Reports(result.Again!)} | {Messages(result, result.AllTaken)} ");
                }

                text.Append(CultureInfo.InvariantCulture, $"| {Seen(result, injections)} | {Verdict(result)} |\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"\nA sender must {rehearsal.Key.Must}\n\n");
        }

        return text.ToString().TrimEnd() + "\n";
    }

    private static string Preset(Rehearsal rehearsal) =>
        (rehearsal.Variant is null ? PresetCatalogue.Find(rehearsal.Preset)!.Does
            : $"[{rehearsal.Preset}](faults.md#{rehearsal.Preset}) with one thing different.")
        + (rehearsal.ScalesLimits ? " Its times and the clients' limits were scaled together." : "");

    private static string Reports(Told told) => told.What;

    private static string Messages(CellResult result, Taken taken) =>
        FormattableString.Invariant($"{taken.Messages}")
        + (taken.Empty > 0 ? FormattableString.Invariant($", {taken.Empty} of them empty") : "")
        + (result.Cell.Rehearsal.Recipients > 1 && taken.Messages > 0
            ? $", for {string.Join(" and ", Enumerable.Repeat(taken.Recipients / taken.Messages, taken.Messages))} of " +
                $"{result.Cell.Rehearsal.Recipients} recipients" : "");

    /// <summary>Whether the second try came over the connection of the first.</summary>
    private static string Connection(CellResult result, ILookup<string, JsonElement> sessions) =>
        sessions[result.Cell.Listener].Count() == result.Cell.Others + 1 ? "kept" : "not kept";

    private static string Seen(CellResult result, IReadOnlyList<JsonElement> injections)
    {
        var seen = injections
            .Where(i => i.GetProperty("rule").GetString()!.EndsWith($"-{result.Cell.Listener}", StringComparison.Ordinal))
            .Select(static i => $"`{i.GetProperty("action")}` at `{i.GetProperty("point")}`{Heard(i)}")
            .GroupBy(static text => text, StringComparer.Ordinal)
            .OrderBy(static g => g.Key, StringComparer.Ordinal)
            .Select(static g => g.Count() == 1 ? g.Key : FormattableString.Invariant($"{g.Count()} × {g.Key}"));
        return string.Join("; ", seen) is { Length: > 0 } all ? all : "nothing";
    }

    private static string Heard(JsonElement injection)
    {
        var (client, relay) = (Number(injection, "clientCode"), Number(injection, "upstreamCode"));
        // Slowness changes no reply; whether there is still somebody to send it to depends on how a client leaves, and when.
        return injection.GetProperty("action").GetString() is "delay" or "tarpit" ? ""
            : (client is null ? ": no reply" : FormattableString.Invariant($": {client}"))
            + (relay is null || relay == client ? "" : FormattableString.Invariant($", the relay said {relay}"));
    }

    private static int? Number(JsonElement injection, string name) =>
        injection.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    private static string Verdict(CellResult result)
    {
        var all = result.Cell.Rehearsal.Recipients;
        return (result.First.Ok, result.FirstTaken.Recipients, result.AllTaken.Recipients) switch
        {
            (true, 0, _) => "LOST",
            (true, var got, var total) when got < all =>
                total > got ? "look at what is returned: a second try delivers twice" : "look at what is returned",
            (true, _, _) when result.Cell.Tls == TlsWish.Offered => "sent in the clear, silently",
            (true, _, _) => "nothing to do",
            (false, _, _) when result.FirstTaken.Empty > 0 => "an empty message was delivered, and it is reported as failed",
            (false, 0, 0) => result.Again is null ? "not sent, and known" : "not sent, and known; another try fails as well",
            (false, 0, _) => "not sent, and known; sent by another try",
            (false, var got, var total) =>
                total > got ? "delivered, but reported as failed: another try delivers twice" : "delivered, but reported as failed",
        };
    }
}
