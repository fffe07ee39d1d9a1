using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Faults.Presets;

/// <summary>What a preset is started with.</summary>
/// <param name="Ttl">How long it lives; a time span as text.</param>
/// <param name="Match">Conditions for each of its rules.</param>
/// <param name="Set">Members to set: of the rules where they have one of that name, otherwise of their actions; null removes one.</param>
/// <param name="Scale">Multiplies every time in its rules, so that a test can shrink a client's timeouts and the preset together.</param>
public sealed record PresetStart(string? Ttl, JsonObject? Match, JsonObject? Set, double? Scale);

/// <summary>Makes rules of a preset.</summary>
public static class PresetRun
{
    /// <summary>The rules of one run.</summary>
    /// <param name="preset">The preset.</param>
    /// <param name="start">With what.</param>
    /// <param name="errors">What is wrong with that.</param>
    public static IReadOnlyList<KeyValuePair<string, JsonObject>> Rules(Preset preset, PresetStart start, List<RuleError> errors)
    {
        ArgumentNullException.ThrowIfNull(preset);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(errors);
        if (start.Scale is <= 0 or > 1000 || (start.Scale is { } factor && !double.IsFinite(factor)))
        {
            errors.Add(new RuleError("scale", "must be above 0 and at most 1000; 0.1 makes every time a tenth"));
            return [];
        }

        return [.. preset.Rules.Select(rule => KeyValuePair.Create(rule.Key, Rule((JsonObject)rule.Value!.DeepClone(), start)))];
    }

    private static JsonObject Rule(JsonObject rule, PresetStart start)
    {
        Scale(rule, start.Scale ?? 1);
        foreach (var (name, value) in start.Set ?? [])
        {
            var field = RuleFields.All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            var target = field is null ? rule["action"]!.AsObject() : rule;
            target.Remove(field?.Name ?? name);
            if (value is not null)
            {
                target[field?.Name ?? name] = value.DeepClone();
            }
        }

        if (start.Match is { } match)
        {
            var its = rule["match"] as JsonObject ?? [];
            foreach (var (name, value) in match)
            {
                its[name] = value?.DeepClone();
            }

            rule["match"] = its;
        }

        if (start.Ttl is { } ttl)
        {
            rule["ttl"] = ttl;
        }

        return rule;
    }

    /// <summary>Multiplies every time in an object, and in those inside it.</summary>
    internal static void Scale(JsonNode node, double factor)
    {
        foreach (var name in node is JsonObject members ? members.Select(static m => m.Key).ToArray() : [])
        {
            if (node[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text
                && text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time))
            {
                node[name] = (time * factor).ToString("c", CultureInfo.InvariantCulture);
            }
            else if (node[name] is JsonObject inner)
            {
                Scale(inner, factor);
            }
        }
    }
}
