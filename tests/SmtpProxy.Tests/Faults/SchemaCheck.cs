using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Faults;

/// <summary>The few words of JSON Schema that the schema of rules uses; any other word fails the test.</summary>
internal static class SchemaCheck
{
    /// <summary>What is wrong with a value; null: nothing.</summary>
    public static string? Wrong(JsonObject schema, JsonNode value)
    {
        foreach (var (word, is_) in schema)
        {
            var wrong = word switch
            {
                "$schema" or "title" or "description" or "format" => null,
                "type" => IsType(is_!.GetValue<string>(), value) ? null : $"is no {is_}",
                "const" => JsonNode.DeepEquals(is_, value) ? null : $"is not {is_}",
                "enum" => is_!.AsArray().Any(choice => JsonNode.DeepEquals(choice, value)) ? null : $"is not one of {is_}",
                "pattern" => Regex.IsMatch(value.GetValue<string>(), is_!.GetValue<string>()) ? null : $"does not fit {is_}",
                "minimum" => Number(value) >= Number(is_!) ? null : $"is below {is_}",
                "maximum" => Number(value) <= Number(is_!) ? null : $"is above {is_}",
                "minItems" => value is not JsonArray list || list.Count >= Number(is_!) ? null : "has too few items",
                "items" => (value as JsonArray)?.Select(item => Wrong(is_!.AsObject(), item!)).FirstOrDefault(static w => w is not null),
                "anyOf" => is_!.AsArray().Any(one => Wrong(one!.AsObject(), value) is null) ? null : "fits none",
                "oneOf" => is_!.AsArray().Count(one => Wrong(one!.AsObject(), value) is null) == 1 ? null : "does not fit exactly one",
                "required" =>
                    is_!.AsArray().FirstOrDefault(name => (value as JsonObject)?.ContainsKey(name!.GetValue<string>()) is false) is
                        { } missing ? $"lacks {missing}" : null,
                "properties" => Members(is_!.AsObject(), value as JsonObject),
                "additionalProperties" => (value as JsonObject)?.Select(static m => m.Key)
                    .FirstOrDefault(name => !schema["properties"]!.AsObject().ContainsKey(name)),
                _ => throw new NotSupportedException(word),
            };
            if (wrong is not null)
            {
                return $"{value.ToJsonString()}: {wrong}";
            }
        }

        return null;
    }

    private static string? Members(JsonObject described, JsonObject? value) => (value ?? [])
        .Select(m => described[m.Key] is JsonObject schema ? Wrong(schema, m.Value!) : null)
        .FirstOrDefault(static w => w is not null);

    private static double Number(JsonNode node) =>
        node.GetValueKind() == JsonValueKind.Number ? double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture) : double.NaN;

    private static bool IsType(string type, JsonNode value) => (type, value.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String)
            or ("number", JsonValueKind.Number) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => double.IsInteger(Number(value)),
        _ => false,
    };
}
