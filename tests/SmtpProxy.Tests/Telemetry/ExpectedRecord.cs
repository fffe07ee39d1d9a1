using System.Text.Json;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>Compares a journal line with what a recorded dialogue expects of it.</summary>
internal static class ExpectedRecord
{
    private static readonly string[] Plain =
        ["protocol", "tls", "mode", "final_state", "client_octets", "server_octets", "capabilities"];

    /// <summary>What differs, in words; empty when the line is right.</summary>
    public static IEnumerable<string> Differences(JsonElement expect, JsonElement line) =>
        Plain.Where(key => expect.TryGetProperty(key, out _)).SelectMany(key => Value(expect, line, key))
            .Concat(Greeting(expect.GetProperty("greeting"), line.GetProperty("greeting")))
            .Concat(Entries(expect, line, "exchanges"))
            .Concat(Entries(expect, line, "transactions"))
            .Concat(Anomalies(expect, line));

    private static IEnumerable<string> Value(JsonElement expect, JsonElement line, string key)
    {
        var got = line.GetProperty(key);
        var also = expect.TryGetProperty(key + "_also", out var more) ? more.EnumerateArray().ToArray() : [];
        if (!also.Append(expect.GetProperty(key)).Any(want => JsonElement.DeepEquals(want, got)))
        {
            yield return $"{key}: want {expect.GetProperty(key)}, got {got}";
        }
    }

    private static IEnumerable<string> Greeting(JsonElement want, JsonElement got) =>
        want.ValueKind == JsonValueKind.Null || got.ValueKind == JsonValueKind.Null
            ? want.ValueKind == got.ValueKind ? [] : [$"greeting: want {want}, got {got}"]
            : Fields(want, got, "greeting");

    private static IEnumerable<string> Entries(JsonElement expect, JsonElement line, string key)
    {
        var want = expect.GetProperty(key).EnumerateArray().ToArray();
        var got = line.GetProperty(key).EnumerateArray().ToArray();
        if (got.Length < want.Length || (got.Length > want.Length && !expect.TryGetProperty(key + "_tail", out _)))
        {
            yield return $"{key}: want {want.Length}, got {got.Length}";
        }

        for (var i = 0; i < Math.Min(want.Length, got.Length); i++)
        {
            foreach (var difference in Fields(want[i], got[i], $"{key}[{i}]"))
            {
                yield return difference;
            }
        }
    }

    private static IEnumerable<string> Fields(JsonElement want, JsonElement got, string where)
    {
        var any = want.TryGetProperty("any", out var list) ? list.EnumerateArray().Select(a => a.GetString()).ToArray() : [];
        foreach (var field in want.EnumerateObject().Where(f => f.Name != "any" && !any.Contains(f.Name)))
        {
            if (!got.TryGetProperty(field.Name, out var value) || !JsonElement.DeepEquals(field.Value, value))
            {
                yield return $"{where}.{field.Name}: want {field.Value}, got {value}";
            }
        }
    }

    private static IEnumerable<string> Anomalies(JsonElement expect, JsonElement line)
    {
        string[] Names(JsonElement array) => [.. array.EnumerateArray().Select(a => a.GetString()!)];
        var want = Names(expect.GetProperty("anomalies"));
        var got = Names(line.GetProperty("anomalies"));
        var optional = expect.TryGetProperty("anomalies_optional", out var more) ? Names(more) : [];
        return want.Except(got).Select(a => $"anomaly {a} not reported")
            .Concat(got.Except(want).Except(optional).Select(a => $"anomaly {a} reported, not expected"));
    }
}
