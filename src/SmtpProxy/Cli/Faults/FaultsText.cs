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

    /// <summary>What a proxy without faults says, and how to have them.</summary>
    public const string NotEnabled =
        "faults are not enabled in this proxy; start it with --SmtpProxy:Faults:Enabled=true in an allowed environment " +
            "(DOTNET_ENVIRONMENT=Staging, for example)";

    /// <summary>Where faults stand, and each rule.</summary>
    public static string Status(JsonNode status)
    {
        if (!status["enabled"]!.GetValue<bool>())
        {
            // There are no rules then, and neither seed nor revision means anything.
            return NotEnabled + Environment.NewLine;
        }

        var text = new StringBuilder();
        text.AppendLine(
            status["halted"] is { } halted ? $"faults are HALTED by {halted["by"]} since {Moment(halted["since"]!)}: {halted["reason"]}"
            : status["armed"]!.GetValue<bool>() ? "faults are ARMED" : "no fault is armed");
        text.AppendLine(CultureInfo.InvariantCulture,
            $"seed {status["seed"]}, revision {status["revision"]}, {status["activeFaults"]} in progress");
        foreach (var rule in status["rules"]!.AsArray())
        {
            var skipped = string.Join(", ", rule!["skipped"]!.AsObject().Select(static s => $"{s.Key} {s.Value}"));
            text.Append(CultureInfo.InvariantCulture, $"  {rule["id"],-28} {(rule["armed"]!.GetValue<bool>() ? "armed" : "-"),-6} ")
                .Append(CultureInfo.InvariantCulture,
                    $"{rule["action"]} at {rule["point"]} ({rule["effect"]}), injected {rule["injected"]}")
                .Append(skipped.Length > 0 ? $", skipped: {skipped}" : "")
                .Append(rule["budgetLeft"] is { } left ? $", {left} left" : "")
                .Append(rule["expiresAt"] is { } end ? $", until {Moment(end)}" : "")
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
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{preset!["name"]}\n    {preset["does"]}\n    Proves: {preset["proves"]}\n    Effect: {preset["effect"]}");
        }

        return text.ToString();
    }

    /// <summary>A run that has begun.</summary>
    /// <param name="run">The answer.</param>
    /// <param name="ttl">How long it was asked to live.</param>
    public static string Started(JsonNode run, string ttl) =>
        $"started {run["runId"]}: {string.Join(", ", run["rules"]!.AsArray().Select(static r => r!.ToString()))}\n"
        + $"it ends by itself after {ttl}; end it early with: smtpproxy faults stop {run["runId"]}\n";

    /// <summary>A moment of the API, to the second.</summary>
    private static string Moment(JsonNode moment) =>
        moment.GetValue<DateTimeOffset>().ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
