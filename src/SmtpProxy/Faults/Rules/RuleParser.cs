using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SmtpProxy.Faults.Actions;
using SmtpProxy.Faults.Model;

namespace SmtpProxy.Faults.Rules;

/// <summary>Reads a rule and judges whether it can work, under what the process allows.</summary>
internal static partial class RuleParser
{
    /// <summary>Reads one.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="text">As it was written.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="now">The time.</param>
    /// <param name="errors">What is wrong; empty when the rule can be used.</param>
    /// <returns>The rule; null when it cannot be used.</returns>
    public static FaultRule? Read(string id, JsonObject text, RuleSource source, FaultsOptions options, DateTimeOffset now,
        out List<RuleError> errors)
    {
        errors = [];
        if (!Name().IsMatch(id))
        {
            errors.Add(new RuleError("",
                $"\"{id}\" is no name for a rule; write letters, digits, dots, hyphens and underscores, at most 64"));
        }

        var values = FieldReader.Read(text, RuleFields.All, "", errors);
        var match = RuleMatch.Create(values.Object("match"), errors);
        var action = ReadAction(values.All.GetValueOrDefault("action") as JsonObject, errors);
        if (errors.Count > 0 || action is null)
        {
            return null;
        }

        var at = Enum.GetValues<FaultPoint>().First(p => FaultNames.Of(p) == values.Text("at"));
        var pulse = values.Object("pulse");
        var rule = new FaultRule
        {
            Id = id,
            Source = source,
            Text = (JsonObject)text.DeepClone(),
            IsEnabled = !values.Has("enabled") || values.Flag("enabled"),
            Order = values.Integer("order") ?? 100,
            At = at,
            AfterBytes = values.Integer("afterBytes") ?? 1,
            AfterTime = values.Duration("afterTime") ?? default,
            Match = match,
            Occurrence = new Occurrence(values.Object("occurrence")),
            Probability = values.Number("probability") ?? 1,
            SampleBy = values.Text("sampleBy") ?? "occurrence",
            Action = action,
            Budget = values.Object("budget"),
            NotBefore = values.Time("notBefore"),
            NotAfter = Earliest(values.Time("notAfter"), values.Time("expiresAt"), values.Duration("ttl") is { } ttl ? now + ttl : null),
            Pulse = values.Has("pulse") ? (pulse.Duration("on") ?? default, pulse.Duration("off") ?? default) : null,
            Created = now,
        };
        RuleJudge.Judge(rule, values, options, now, errors);
        return errors.Count == 0 ? rule : null;
    }

    private static FaultAction? ReadAction(JsonObject? text, List<RuleError> errors)
    {
        if (text is null)
        {
            return null;
        }

        var named = text.FirstOrDefault(static m => m.Key.Equals("type", StringComparison.OrdinalIgnoreCase));
        var name = named.Value is JsonValue value && value.TryGetValue<string>(out var word) ? word : null;
        var description = FaultActions.All.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (description is null)
        {
            var known = string.Join(", ", FaultActions.All.Select(static a => a.Name));
            errors.Add(new RuleError("action.type", name is null
                ? $"is missing; it is one of {known}" : $"\"{name}\" is not one of {known}"));
            return null;
        }

        var rest = new JsonObject(text.Where(m => m.Key != named.Key).Select(static m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        var values = FieldReader.Read(rest, description.Fields, "action", errors);
        if (errors.Count > 0)
        {
            return null;
        }

        var action = description.Create(values, errors);
        action.Name = description.Name;
        action.Points = description.Points;
        return action;
    }

    private static DateTimeOffset? Earliest(params DateTimeOffset?[] moments) => moments.Min();

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex Name();
}
