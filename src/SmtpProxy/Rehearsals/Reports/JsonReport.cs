using System.Text.Json.Nodes;

namespace SmtpProxy.Rehearsals.Reports;

/// <summary>One result as a JSON object.</summary>
internal static class JsonReport
{
    /// <summary>The object.</summary>
    public static JsonObject Of(RehearsalResult result) => new()
    {
        ["rehearsal"] = result.Plan.Name,
        ["file"] = result.Plan.File,
        ["verdict"] = MarkdownReport.Word(result.Verdict).Replace(' ', '_'),
        ["reason"] = result.Reason,
        ["seed"] = result.Seed,
        ["scale"] = result.Plan.Scale,
        ["duration_ms"] = Math.Round(result.Duration.TotalMilliseconds),
        ["halted_after_ms"] = result.HaltedAfter is { } halted ? Math.Round(halted.TotalMilliseconds) : null,
        ["phases"] = new JsonArray([.. result.Phases.Select(static phase => new JsonObject
        {
            ["phase"] = phase.Name,
            ["sessions"] = phase.Seen.Sessions.Count,
            ["tries"] = phase.Seen.Tries.Count,
            ["strikes"] = phase.Seen.Strikes,
            ["client_exit"] = phase.Seen.ExitCode,
            ["expectations"] = new JsonArray([.. phase.Judged.Select(static j => new JsonObject
            {
                ["expected"] = j.Expectation.Text,
                ["held"] = j.Judgement.IsHeld,
                ["seen"] = j.Judgement.Why,
                ["session"] = j.Judgement.Session,
            })]),
        })]),
        ["session"] = result.Deciding?.Deciding is { } session ? JsonNode.Parse(session.Json.GetRawText()) : null,
    };
}
