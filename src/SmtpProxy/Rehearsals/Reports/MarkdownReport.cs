using System.Globalization;
using System.Text;

namespace SmtpProxy.Rehearsals.Reports;

/// <summary>Results as Markdown: for the summary of a CI job, or a merge request.</summary>
internal static class MarkdownReport
{
    /// <summary>The text.</summary>
    /// <param name="results">The results.</param>
    /// <param name="waterfall">Draws a session.</param>
    public static string Of(IReadOnlyList<RehearsalResult> results, Func<Observed.SeenSession, string> waterfall)
    {
        var text = new StringBuilder("# Rehearsals\n");
        foreach (var result in results)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {Word(result.Verdict)}: {Cell(result.Plan.Name)}\n");
            text.Append(CultureInfo.InvariantCulture,
                $"{Cell(result.Plan.About ?? "")}{(result.Reason is { } why ? $" **{Cell(why)}.**" : "")}\n\n");
            text.Append("| phase | expected | seen | |\n| --- | --- | --- | --- |\n");
            foreach (var phase in result.Phases)
            {
                foreach (var (expectation, judgement) in phase.Judged.Select(static j => (j.Expectation, j.Judgement)))
                {
                    text.Append(CultureInfo.InvariantCulture,
                        $"| {phase.Name} | {Cell(expectation.Text)} | {Cell(judgement.Why)} | " +
                            $"{(judgement.IsHeld ? "held" : "**broken**")} |\n");
                }
            }

            if (result.Plan.GoodClient is { } good)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"\nA good client: " +
                        $"{Cell(good)}{(result.Plan.Sources.Count > 0 ? $" ({Cell(string.Join("; ", result.Plan.Sources))})" : "")}\n");
            }

            if (result.Deciding is { } deciding)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"\n```\n{Code(string.Join('\n', ClientStory.Lines(deciding.Seen)))}\n" +
                    $"{(deciding.Deciding is { } session ? $"\n{Code(waterfall(session))}\n" : "")}```\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The verdict in a word or two.</summary>
    public static string Word(RehearsalVerdict verdict) => verdict switch
    {
        RehearsalVerdict.Passed => "passed",
        RehearsalVerdict.Failed => "failed",
        _ => "not run",
    };

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Trim().Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);

    private static string Code(string text) => text.Replace("```", "'''", StringComparison.Ordinal);
}
