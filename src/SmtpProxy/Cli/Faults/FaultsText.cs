using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmtpProxy.Cli.Faults;

/// <summary>Answers of the API as people read them.</summary>
internal static class FaultsText
{
    /// <summary>For <c>--json</c>.</summary>
    public static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Where faults stand, and each rule.</summary>
    public static string Status(JsonNode status)
    {
        var text = new StringBuilder();
        text.AppendLine(
            status["enabled"]!.GetValue<bool>() is false ? "faults are not enabled in this proxy"
            : status["halted"] is { } halted ? $"faults are HALTED by {halted["by"]} since {halted["since"]}: {halted["reason"]}"
            : status["armed"]!.GetValue<bool>() ? "faults are ARMED" : "no fault is armed");
        text.AppendLine(CultureInfo.InvariantCulture, $"seed {status["seed"]}, revision {status["revision"]}, {status["activeFaults"]} in progress");
        foreach (var rule in status["rules"]!.AsArray())
        {
            var skipped = string.Join(", ", rule!["skipped"]!.AsObject().Select(static s => $"{s.Key} {s.Value}"));
            text.Append(CultureInfo.InvariantCulture, $"  {rule["id"],-28} {(rule["armed"]!.GetValue<bool>() ? "armed" : "-"),-6} ")
                .Append(CultureInfo.InvariantCulture, $"{rule["action"]} at {rule["point"]} ({rule["effect"]}), injected {rule["injected"]}")
                .Append(skipped.Length > 0 ? $", skipped: {skipped}" : "")
                .Append(rule["budgetLeft"] is { } left ? $", {left} left" : "")
                .Append(rule["expiresAt"] is { } end ? $", until {end}" : "")
                .AppendLine(CultureInfo.InvariantCulture, $" [{rule["source"]}]");
        }

        return text.ToString();
    }

    /// <summary>The presets there are.</summary>
    public static string Presets(JsonNode presets)
    {
        var text = new StringBuilder();
        foreach (var preset in presets.AsArray())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{preset!["name"]}\n    {preset["does"]}\n    Proves: {preset["proves"]}\n    Effect: {preset["effect"]}");
        }

        return text.ToString();
    }

    /// <summary>A run that has begun.</summary>
    public static string Started(JsonNode run) =>
        $"started {run["runId"]}: {string.Join(", ", run["rules"]!.AsArray().Select(static r => r!.ToString()))}\nend it early with: smtpproxy faults stop {run["runId"]}\n";

    /// <summary>What each rule says.</summary>
    public static string Explained(JsonNode points)
    {
        var text = new StringBuilder();
        foreach (var point in points.AsArray())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{point!["point"]}");
            foreach (var rule in point["rules"]!.AsArray())
            {
                var drawn = rule!["draw"] is { } draw ? $" (drew {draw.GetValue<double>().ToString("0.####", CultureInfo.InvariantCulture)}, strikes below {rule["probability"]})" : "";
                text.AppendLine(CultureInfo.InvariantCulture, $"  {rule["rule"],-28} {(rule["fires"]!.GetValue<bool>() ? "STRIKES" : "no: " + rule["why"])}, {rule["action"]}{drawn}");
            }
        }

        return text.Length == 0 ? "no rule could strike in such a session\n" : text.ToString();
    }
}
