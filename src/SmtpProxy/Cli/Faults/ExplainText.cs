using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace SmtpProxy.Cli.Faults;

/// <summary>What <c>explain</c> answers, as people read it.</summary>
internal static class ExplainText
{
    /// <summary>The verdicts of the API, as sentences.</summary>
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["no match"] = "such a session does not match",
        ["halted"] = "faults are halted; smtpproxy faults resume lets them strike again",
        ["expired"] = "its time is over",
        ["disabled"] = "it is not armed at this moment",
        ["encrypted"] = "the session is encrypted",
        ["conflict"] = "another rule strikes here before it",
        ["budget"] = "its budget is spent",
    };

    /// <summary>Point by point what each rule says.</summary>
    public static string Of(JsonNode points)
    {
        var text = new StringBuilder();
        foreach (var point in points.AsArray())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{point!["point"]}");
            foreach (var rule in point["rules"]!.AsArray())
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {rule!["rule"],-28} {Verdict(rule)}");
            }
        }

        return text.Length == 0 ? "there is no rule for any point of a session\n" : text.ToString();
    }

    private static string Verdict(JsonNode rule)
    {
        var (why, probability) = (rule["why"]!.ToString(), rule["probability"]!.GetValue<double>());
        var drawn = rule["draw"] is { } draw && probability < 1
            ? FormattableString.Invariant($"it drew {draw.GetValue<double>():0.####} and strikes below {probability}") : null;
        return rule["fires"]!.GetValue<bool>()
            ? $"STRIKES with {rule["action"]}: {drawn ?? "it matches, and this is its occasion"}"
            : $"no {rule["action"]}: {(why == "not_sampled" ? drawn : Reasons.GetValueOrDefault(why, why))}";
    }
}
