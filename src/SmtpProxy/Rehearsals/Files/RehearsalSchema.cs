using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Presets;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Rehearsals.Expectations;
using SmtpProxy.Rehearsals.Stops;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>The JSON Schema (2020-12) of a rehearsal's file, made of the same descriptions that read it.</summary>
internal static class RehearsalSchema
{
    /// <summary>Where editors find it.</summary>
    public const string Name = "rehearsal.schema.json";

    /// <summary>The schema.</summary>
    public static JsonObject Create()
    {
        var schema = RuleSchema.Object(RehearsalFields.Plain);
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "SmtpProxy rehearsal");
        var members = schema["properties"]!.AsObject();
        members["faults"] = Faults();
        members["relays"] = new JsonObject
        {
            ["type"] = "object",
            ["description"] = "Relays behind the rehearsal's own proxy, by name; one that takes all mail unless said.",
            ["additionalProperties"] = new JsonObject
                { ["anyOf"] = new JsonArray(RuleSchema.Object(RehearsalFields.Relay), new JsonObject { ["type"] = "null" }) },
        };
        foreach (var (list, doc) in RehearsalFields.Lists)
        {
            members[list] = List(doc, list == "stop" ? StopKinds.All.Select(static k => (k.Name, k.Doc, k.Fields))
                : ExpectationKinds.All.Select(static k => (k.Name, k.Doc, k.Fields)));
        }

        schema["required"] = new JsonArray("rehearsal", "faults", "expect");
        return schema;
    }

    private static JsonObject Faults()
    {
        var rule = RuleSchema.Create();
        rule.Remove("$schema");
        rule.Remove("title");
        return new JsonObject
        {
            ["type"] = "object",
            ["description"] = "What is broken: a preset, with match and set as smtpproxy faults start has them, or rules by name.",
            ["properties"] = new JsonObject
            {
                ["preset"] = new JsonObject
                    { ["enum"] = new JsonArray([.. PresetCatalogue.All.Select(static p => JsonValue.Create(p.Name))]) },
                ["match"] = RuleSchema.Object(RuleFields.Match),
                ["set"] = new JsonObject { ["type"] = "object" },
                ["rules"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = rule },
            },
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject List(string doc, IEnumerable<(string Name, string Doc, IReadOnlyList<Field> Fields)> kinds)
    {
        var choices = new List<JsonNode>();
        foreach (var (name, what, fields) in kinds)
        {
            if (!fields.Any(static f => f.IsRequired))
            {
                choices.Add(new JsonObject { ["const"] = name, ["description"] = what });
            }

            choices.Add(new JsonObject
            {
                ["type"] = "object",
                ["description"] = what,
                ["properties"] = new JsonObject
                {
                    [name] = fields.Any(static f => f.IsRequired) ? RuleSchema.Object(fields)
                        : new JsonObject { ["anyOf"] = new JsonArray(RuleSchema.Object(fields), new JsonObject { ["type"] = "null" }) },
                },
                ["required"] = new JsonArray(name),
                ["additionalProperties"] = false,
            });
        }

        return new JsonObject
        {
            ["type"] = "array", ["description"] = doc, ["items"] = new JsonObject { ["oneOf"] = new JsonArray([.. choices]) },
        };
    }
}
