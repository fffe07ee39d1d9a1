using System.Text.Json.Nodes;
using SmtpProxy.Faults;
using SmtpProxy.Faults.Model;
using SmtpProxy.Faults.Presets;
using SmtpProxy.Faults.Rules;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>Reads what a rehearsal breaks: a preset with changes, or rules of its own.</summary>
internal static class FaultsReader
{
    /// <summary>What rules of a rehearsal are called in the proxy: they cannot be mistaken for others there.</summary>
    public const string Prefix = "rehearsal.";

    private static readonly string[] Known = ["preset", "match", "set", "rules"];

    /// <summary>Rules must live so long while they are judged; when they are armed, as long as the rehearsal.</summary>
    private const string AnyLife = "00:01:00";

    /// <summary>The rules by name.</summary>
    public static IReadOnlyList<KeyValuePair<string, JsonObject>> Read(JsonObject root, double scale, List<RuleError> errors)
    {
        var node = root.FirstOrDefault(static m => m.Key.Equals("faults", StringComparison.OrdinalIgnoreCase)).Value;
        if (node is not JsonObject faults)
        {
            errors.Add(new RuleError("faults", node is null
                ? "is missing: nothing would be rehearsed; write preset or rules below it"
                : "is no object; write preset or rules below it"));
            return [];
        }

        foreach (var name in faults.Select(static m => m.Key).Where(static n => !Known.Contains(n)))
        {
            errors.Add(new RuleError($"faults.{name}", $"is not known here; known are {string.Join(", ", Known)}"));
        }

        foreach (var name in Known.Where(name => name != "preset" && faults[name] is not (null or JsonObject)))
        {
            errors.Add(new RuleError($"faults.{name}", "is no object; write its members below it"));
        }

        if (errors.Count > 0 || Source(faults, errors) is not { } preset)
        {
            return [];
        }

        var rules = PresetRun.Rules(preset, new PresetStart(AnyLife, faults["match"] as JsonObject, faults["set"] as JsonObject, scale),
            errors);
        // What a process allows is its own affair, and it says so when the rules are armed.
        var all = new FaultsOptions
        {
            Enabled = true,
            AllowDuplicateRisk = true,
            AllowLossRisk = true,
            AllowSecurityProbes = true,
            MaxDelay = TimeSpan.FromDays(1),
            UpstreamHoldLimit = TimeSpan.FromDays(1),
        };
        foreach (var (id, rule) in rules)
        {
            RuleParser.Read(Prefix + id, rule, RuleSource.Api, all, DateTimeOffset.UnixEpoch, out var wrong);
            var at = preset.Name.Length == 0 ? $"faults.rules.{id}" : "faults";
            errors.AddRange(wrong.Select(e => new RuleError(e.Path.Length == 0 ? at : FieldReader.Join(at, e.Path), e.Text)));
        }

        return [.. rules.Select(static r => KeyValuePair.Create(Prefix + r.Key, r.Value))];
    }

    private static Preset? Source(JsonObject faults, List<RuleError> errors)
    {
        if (faults["rules"] is JsonObject { Count: > 0 } own)
        {
            if (faults.ContainsKey("preset"))
            {
                errors.Add(new RuleError("faults.preset", "and rules are both there; write one of them"));
            }

            foreach (var (id, rule) in own.Where(static r => r.Value is not JsonObject { } text || text["action"] is not JsonObject))
            {
                errors.Add(new RuleError($"faults.rules.{id}", "is no rule; write at and action below it (docs/faults.md)"));
            }

            foreach (var id in own.Where(static r => r.Value is JsonObject rule
                && rule.Any(static m => m.Key.Equals("ttl", StringComparison.OrdinalIgnoreCase))).Select(static r => r.Key))
            {
                errors.Add(new RuleError($"faults.rules.{id}.ttl",
                    "has no effect: a rule of a rehearsal is armed for its phase; leave it out"));
            }

            return errors.Count > 0 ? null : new Preset("", "", "", "", "", (JsonObject)own.DeepClone());
        }

        var names = string.Join(", ", PresetCatalogue.All.Select(static p => p.Name));
        if (faults["preset"] is not JsonValue value || !value.TryGetValue<string>(out var name))
        {
            errors.Add(new RuleError("faults", $"has no preset and no rules; presets are {names}"));
            return null;
        }

        if (PresetCatalogue.Find(name) is { } found)
        {
            return found;
        }

        errors.Add(new RuleError("faults.preset", $"\"{name}\" is none of {names}"));
        return null;
    }
}
