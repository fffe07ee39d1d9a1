using System.Text.Json;

namespace SmtpProxy.Rehearsals.Observed;

/// <summary>Members of answers of the API that may be missing or null.</summary>
internal static class JsonMembers
{
    public static string? TextOf(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static double? NumberOf(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    public static int? CodeOf(this JsonElement json, string name) => (int?)json.NumberOf(name);

    public static JsonElement[] ListOf(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];
}
