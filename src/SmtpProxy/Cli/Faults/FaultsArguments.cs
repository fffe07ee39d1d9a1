using System.Globalization;
using System.Text.Json.Nodes;

namespace SmtpProxy.Cli.Faults;

/// <summary>Members that are written as <c>name=value</c>.</summary>
internal static class FaultsArguments
{
    /// <summary>The members as JSON; null when there are none. A value may be JSON itself; a number, true, false and null
    /// are what they look like.</summary>
    /// <exception cref="FaultsRefusedException">One is not written so.</exception>
    public static JsonObject? Members(string[]? pairs)
    {
        if (pairs is not { Length: > 0 })
        {
            return null;
        }

        var members = new JsonObject();
        foreach (var pair in pairs)
        {
            var sign = pair.IndexOf('=', StringComparison.Ordinal);
            if (sign < 1)
            {
                throw new FaultsRefusedException($"\"{pair}\" is not name=value, such as mailFrom=*@example.org or duration=00:00:05");
            }

            members[pair[..sign]] = Value(pair[(sign + 1)..]);
        }

        return members;
    }

    /// <summary>A time as people write it, 90s or 10m or 1h, as the time span that the API reads; anything else stays what it
    /// is, for the API to judge.</summary>
    public static string Time(string text)
    {
        var unit = text.Length > 1 && long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count < 1_000_000
            ? text[^1] switch { 's' => TimeSpan.FromSeconds(count), 'm' => TimeSpan.FromMinutes(count), 'h' =>
                TimeSpan.FromHours(count), _ => (TimeSpan?)null }
            : null;
        return unit?.ToString("c", CultureInfo.InvariantCulture) ?? text;
    }

    private static JsonNode? Value(string text)
    {
        if (text is "null" or "true" or "false" || text.StartsWith('[') || text.StartsWith('{')
            || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            try
            {
                return JsonNode.Parse(text);
            }
            catch (System.Text.Json.JsonException e)
            {
                throw new FaultsRefusedException($"\"{text}\" is no JSON: {e.Message}");
            }
        }

        return JsonValue.Create(text);
    }
}
