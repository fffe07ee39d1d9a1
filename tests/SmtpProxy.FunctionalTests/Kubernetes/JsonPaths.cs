using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Kubernetes;

/// <summary>Short ways into a manifest.</summary>
internal static class JsonPaths
{
    /// <summary>The member of a member; it must be there.</summary>
    public static JsonElement At(this JsonElement element, params string[] path) =>
        path.Aggregate(element, static (inner, name) => inner.GetProperty(name));

    /// <summary>The text of a member of a member; null where any of them is missing.</summary>
    public static string? TextAt(this JsonElement element, params string[] path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element.ToString();
    }

    /// <summary>Each element of a list; none where it is missing.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var list) ? list.EnumerateArray() : [];

    /// <summary>The element of a list that has this name.</summary>
    public static JsonElement Named(this JsonElement element, string list, string name) =>
        element.List(list).Single(e => e.TextAt("name") == name);
}
