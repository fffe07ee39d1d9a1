using System.Globalization;
using SmtpProxy.Cli.Output;
using SmtpProxy.Rehearsals.Files;
using SmtpProxy.Rehearsals.Observed;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.Cli.Rehearsing;

/// <summary>What is printed while rehearsals run: a line that changes on a terminal, and the result of each.</summary>
/// <param name="output">Where results go.</param>
/// <param name="isTerminal">Whether standard error is one, for the line that changes.</param>
/// <param name="paint">Colours.</param>
internal sealed class RehearsalProgress(TextWriter output, bool isTerminal, Paint paint)
{
    private string _name = "";

    /// <summary>A rehearsal begins.</summary>
    public void Begin(RehearsalPlan plan)
    {
        _name = plan.Name;
        output.WriteLine(paint.Bold(Printable.Of(plan.Name)));
    }

    /// <summary>A phase begins, or something was seen of it.</summary>
    public void Saw(string phase, Observation? seen)
    {
        if (isTerminal)
        {
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"\r\x1b[K{Printable.Of(_name)}: {phase}: {seen?.Sessions.Count ?? 0} sessions, {seen?.Tries.Count ?? 0} tries, " +
                $"{seen?.Strikes ?? 0} strikes, {(seen is null ? 0 : seen.Now - seen.Began):0.0} s"));
        }
        else if (seen is null)
        {
            output.WriteLine($"  {phase} …");
        }
    }

    /// <summary>A rehearsal is over.</summary>
    /// <param name="result">What came of it.</param>
    /// <param name="waterfall">Draws the session that decided; null: it is not drawn.</param>
    public void End(RehearsalResult result, Func<SeenSession, string>? waterfall)
    {
        if (isTerminal)
        {
            Console.Error.Write("\r\x1b[K");
        }

        foreach (var phase in result.Phases)
        {
            foreach (var (expectation, judgement) in phase.Judged.Select(static j => (j.Expectation, j.Judgement)))
            {
                var line = Printable.Of($"  {(judgement.IsHeld ? "✓" : "✗")} {phase.Name}: {expectation.Text}: {judgement.Why}");
                output.WriteLine(judgement.IsHeld ? paint.Green(line) : paint.Red(line));
            }
        }

        if (waterfall is not null && result.Verdict != RehearsalVerdict.Passed && result.Deciding is { } deciding)
        {
            Tell(result, deciding, waterfall);
        }

        var verdict = Printable.Of($"  {MarkdownReport.Word(result.Verdict)}{(result.Reason is { } why ? $": {why}" : "")}" +
            (result.HaltedAfter is { } after
                ? string.Create(CultureInfo.InvariantCulture, $"; faults were halted {after.TotalMilliseconds:0} ms later") : ""));
        output.WriteLine(result.Verdict == RehearsalVerdict.Passed ? paint.Green(verdict) : paint.Red(verdict));
    }

    private void Tell(RehearsalResult result, PhaseResult deciding, Func<SeenSession, string> waterfall)
    {
        output.WriteLine("  What the client did:");
        foreach (var line in ClientStory.Lines(deciding.Seen))
        {
            output.WriteLine(Printable.Of($"    {line}"));
        }

        if (result.Plan.GoodClient is { } good)
        {
            foreach (var line in Paint.Wrapped($"A good client: {good.ReplaceLineEndings(" ")}", 100))
            {
                output.WriteLine(Printable.Of($"  {line}"));
            }
        }

        if (deciding.Deciding is { } session)
        {
            output.WriteLine(waterfall(session));
        }

        foreach (var line in result.ClientOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(10))
        {
            output.WriteLine(paint.Dim(Printable.Of($"    | {line}")));
        }
    }
}
