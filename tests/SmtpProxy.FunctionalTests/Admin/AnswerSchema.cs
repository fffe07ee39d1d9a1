using System.Globalization;
using System.Text.Json;

namespace SmtpProxy.FunctionalTests.Admin;

/// <summary>Holds answers to the schemas of <c>/openapi/v1.json</c>: as much of JSON Schema 2020-12 as is used there. Stricter than that: a
/// member that no schema names is wrong, and so is a schema that says nothing.</summary>
internal sealed class AnswerSchema(JsonElement document)
{
    /// <summary>What is wrong with a value, each with where.</summary>
    public List<string> Wrong(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("$ref", out var name))
        {
            return Wrong(value, Named(name.GetString()!), path);
        }

        foreach (var choice in (string[])["oneOf", "anyOf"])
        {
            if (schema.TryGetProperty(choice, out var choices))
            {
                var all = choices.EnumerateArray().Select(s => Wrong(value, s, path)).ToList();
                return all.Exists(static w => w.Count == 0) ? [] : all.MaxBy(static w => w.Max(static text => text.Length))!;
            }
        }

        if (!schema.TryGetProperty("type", out var type))
        {
            return [$"{path}: the schema says nothing"];
        }

        string[] types = type.ValueKind == JsonValueKind.String
            ? [type.GetString()!] : [.. type.EnumerateArray().Select(static t => t.GetString()!)];
        if (!types.Any(t => Is(value, t)))
        {
            return [$"{path}: {value.ValueKind} is not {string.Join(" or ", types)}"];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => [.. OfObject(value, schema, path)],
            JsonValueKind.Array =>
                [.. value.EnumerateArray().SelectMany((item, n) => Wrong(item, schema.GetProperty("items"), $"{path}[{n}]"))],
            JsonValueKind.String when schema.TryGetProperty("format", out var format) && format.GetString() == "date-time"
                && !DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _) => [$"{path}: {value} is no time"],
            JsonValueKind.String when schema.TryGetProperty("enum", out var values)
                && !values.EnumerateArray().Any(v => v.ValueEquals(value.GetString())) => [$"{path}: {value} is none of {values}"],
            _ => [],
        };
    }

    /// <summary>A schema by name.</summary>
    public JsonElement Named(string reference) =>
        document.GetProperty("components").GetProperty("schemas").GetProperty(reference.Split('/')[^1]);

    private IEnumerable<string> OfObject(JsonElement value, JsonElement schema, string path)
    {
        var properties = schema.TryGetProperty("properties", out var named) ? named : default;
        var others = schema.TryGetProperty("additionalProperties", out var more) ? more : default;
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var missing in required.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)))
            {
                yield return $"{path}.{missing}: is missing";
            }
        }

        foreach (var member in value.EnumerateObject())
        {
            var at = $"{path}.{member.Name}";
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member.Name, out var its))
            {
                foreach (var wrong in Wrong(member.Value, its, at))
                {
                    yield return wrong;
                }
            }
            else if (others.ValueKind == JsonValueKind.Undefined)
            {
                yield return $"{at}: no schema names it";
            }
            else if (others.ValueKind == JsonValueKind.Object && others.EnumerateObject().Any())
            {
                foreach (var wrong in Wrong(member.Value, others, at))
                {
                    yield return wrong;
                }
            }
        }
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };
}
