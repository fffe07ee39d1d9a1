using System.Globalization;
using System.Text.Json.Nodes;
using SmtpProxy.Codes;
using SmtpProxy.Inspection;

namespace SmtpProxy.Cli.Probing;

/// <summary>A walk for scripts: names as in the journal.</summary>
internal static class ProbeJson
{
    /// <summary>One object.</summary>
    public static JsonObject Of(WalkResult walk) => new()
    {
        ["time"] = walk.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        ["server"] = walk.Plan.Address.ToString(),
        ["address"] = walk.Address?.ToString(),
        ["local"] = walk.Local?.ToString(),
        ["good"] = walk.IsGood,
        ["duration_ms"] = ProbeStatistics.Rounded(walk.Total),
        ["steps"] = new JsonArray([.. walk.Steps.Select(Step)]),
        ["capabilities"] = new JsonArray([.. walk.Offers.Select(static o => (JsonNode)o)]),
        ["tls"] = walk.Tls is { } tls ? Tls(tls, walk.At) : null,
        ["warnings"] = new JsonArray([.. walk.Warnings.Select(static w => (JsonNode)w)]),
        ["diagnosis"] = walk.Finding is { } finding ? Diagnosis(finding) : null,
    };

    private static JsonObject Step(WalkStep step) => new()
    {
        ["operation"] = step.Name,
        ["at_ms"] = ProbeStatistics.Rounded(step.At),
        ["took_ms"] = ProbeStatistics.Rounded(step.Took),
        ["command"] = step.Command,
        ["code"] = step.Reply?.Code,
        ["enhanced"] = step.Reply?.Enhanced is { IsPresent: true } enhanced ? enhanced.ToString() : null,
        ["text"] = step.Reply is { } reply ? new JsonArray([.. reply.Lines.Select(static l => (JsonNode)l)]) : null,
        ["note"] = step.Note,
        ["problem"] = step.Problem,
    };

    private static JsonObject Tls(SecurityFacts tls, DateTimeOffset now) => new()
    {
        ["version"] = tls.Version,
        ["cipher"] = tls.Cipher,
        ["names"] = new JsonArray([.. tls.Names.Select(static n => (JsonNode)n)]),
        ["issuer"] = tls.Issuer,
        ["sha256"] = tls.Fingerprint,
        ["not_after"] = tls.NotAfter?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["days_left"] = tls.DaysLeft(now),
        ["chain"] = new JsonArray([.. tls.Chain.Select(static c => new JsonObject
        {
            ["subject"] = c.Subject,
            ["not_after"] = c.NotAfter.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        })]),
        ["problem"] = tls.Problem?.Type,
        ["why"] = tls.Problem?.Words,
    };

    private static JsonObject Diagnosis(Finding finding) => new()
    {
        ["code"] = finding.Code,
        ["text"] = finding.Text,
        ["remedy"] = finding.Remedy,
        ["candidates"] = new JsonArray([.. finding.Candidates.Select(static c => (JsonNode)Catalogue.Of(c).Code)]),
    };
}
