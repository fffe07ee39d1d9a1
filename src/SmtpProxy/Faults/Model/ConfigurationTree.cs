using System.Globalization;
using System.Text.Json.Nodes;

namespace SmtpProxy.Faults.Model;

/// <summary>A configuration section as JSON, so that rules from files and rules from the API are read by the same descriptions.</summary>
internal static class ConfigurationTree
{
    /// <summary>The section: an object; a list where its keys are 0, 1, 2 …; a text where it has a value.</summary>
    public static JsonNode? Of(IConfigurationSection section)
    {
        var children = section.GetChildren().ToArray();
        if (children.Length == 0)
        {
            return section.Value is { } text ? JsonValue.Create(text) : null;
        }

        if (children.All(static c => int.TryParse(c.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return new JsonArray([.. children.Select(Of)]);
        }

        return new JsonObject(children.Select(static c => KeyValuePair.Create(c.Key, Of(c))));
    }
}
