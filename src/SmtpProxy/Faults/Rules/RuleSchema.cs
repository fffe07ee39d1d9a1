using System.Text.Json.Nodes;
using SmtpProxy.Faults.Actions;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>The JSON Schema (2020-12) of a rule, made of the same descriptions that read it.</summary>
public static class RuleSchema
{
    /// <summary>The schema.</summary>
    public static JsonObject Create()
    {
        var schema = Object(RuleFields.All);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "SmtpProxy fault rule");
        return schema;
    }

    /// <summary>The schema of an object with these members.</summary>
    internal static JsonObject Object(IReadOnlyList<Field> fields, JsonObject? more = null)
    {
        var properties = more ?? [];
        foreach (var field in fields)
        {
            properties[field.Name] = Described(field);
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (fields.Any(static f => f.IsRequired))
        {
            schema["required"] = new JsonArray([.. fields.Where(static f => f.IsRequired).Select(static f => JsonValue.Create(f.Name))]);
        }

        return schema;
    }

    private static JsonObject Described(Field field)
    {
        var schema = Of(field);
        schema["description"] = field.Default is null ? field.Doc : $"{field.Doc} Default: {field.Default}.";
        return schema;
    }

    private static JsonObject Of(Field field) => field.Kind switch
    {
        FieldKind.Choice => new JsonObject { ["enum"] = new JsonArray([.. field.Choices.Select(static c => JsonValue.Create(c))]) },
        FieldKind.Integer => Number("integer", field),
        FieldKind.Number => Number("number", field),
        FieldKind.Flag => new JsonObject { ["type"] = "boolean" },
        FieldKind.Duration => Duration(),
        FieldKind.Time => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        FieldKind.TextList => List(new JsonObject { ["type"] = "string" }),
        FieldKind.IntegerList => List(Number("integer", field)),
        FieldKind.IntegerRange => Either(new JsonObject { ["type"] = "integer" },
            Range(static () => new JsonObject { ["type"] = "integer" })),
        FieldKind.DurationRange => Range(Duration),
        FieldKind.Object => Object(field.Members),
        FieldKind.Action => new JsonObject { ["oneOf"] = new JsonArray([.. FaultActions.All.Select(Action)]) },
        _ => new JsonObject { ["type"] = "string" },
    };

    private static JsonObject Action(ActionDescription action)
    {
        var schema = Object(action.Fields, new JsonObject { ["type"] = new JsonObject { ["const"] = action.Name } });
        schema["required"] = new JsonArray(["type", .. action.Fields.Where(static f => f.IsRequired)
            .Select(static f => JsonValue.Create(f.Name))]);
        schema["description"] = $"{action.Doc} At: {string.Join(", ", action.Points.Select(FaultNames.Of))}.";
        return schema;
    }

    private static JsonObject Number(string type, Field field)
    {
        var schema = new JsonObject { ["type"] = type };
        if (field.Min > double.MinValue)
        {
            schema["minimum"] = field.Min;
        }

        if (field.Max < double.MaxValue)
        {
            schema["maximum"] = field.Max;
        }

        return schema;
    }

    private static JsonObject Duration() =>
        new() { ["type"] = "string", ["pattern"] = @"^(\d+\.)?\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,7})?)?$" };

    private static JsonObject List(JsonObject item) =>
        Either(item, new JsonObject { ["type"] = "array", ["items"] = item.DeepClone(), ["minItems"] = 1 });

    private static JsonObject Either(JsonObject one, JsonObject other) => new() { ["anyOf"] = new JsonArray(one, other) };

    private static JsonObject Range(Func<JsonObject> limit) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { ["min"] = limit(), ["max"] = limit() },
        ["additionalProperties"] = false,
    };
}
