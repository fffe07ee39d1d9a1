using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using SmtpProxy.FunctionalTests.Transport;
using SmtpProxy.Rehearsals.Reports;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>Clients whose behaviour is known are judged by the rehearsals of docs/rehearsals: the right ones must pass and the wrong ones
/// must not. docs/faults-clients.md has the table. Their own timeouts are scaled down: it runs alone.</summary>
[Collection(nameof(Alone))]
public sealed class JudgedClientsTests
{
    private const string Write = "SMTPPROXY_WRITE_CLIENT_TABLE";
    private const string From = "<!-- judged -->\n";
    private const string To = "<!-- end of judged -->";

    [SkippableFact]
    public async Task Clients_WhoseBehaviourIsKnown_AreJudgedAsIsKnown()
    {
        await using var rig = new JudgedRig();
        await rig.StartAsync();
        var judged = KnownBehaviours.All.Zip(await rig.RunAsync()).ToArray();
        var wrong = judged.Where(static j => j.Second.Verdict != Verdict(j.First)).ToArray();
        Assert.True(wrong.Length == 0, string.Join("\n\n", wrong.Select(static j => Said(j.First, j.Second))));

        var observed = Table(judged);
        var file = Page();
        var page = (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n");
        var (start, end) = (page.IndexOf(From, StringComparison.Ordinal) + From.Length, page.IndexOf(To, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable(Write) == "1")
        {
            await File.WriteAllTextAsync(file, page[..start] + observed + page[end..]);
            return;
        }

        Assert.Equal(page[start..end], observed);
    }

    private static RehearsalVerdict Verdict(KnownBehaviour known) =>
        known.IsGood ? RehearsalVerdict.Passed : RehearsalVerdict.Failed;

    private static string Table((KnownBehaviour Known, RehearsalResult Result)[] judged)
    {
        var text = new StringBuilder("| client | rehearsal | what it is known to do | verdict | what is not so |\n" +
            "| --- | --- | --- | --- | --- |\n");
        foreach (var (known, result) in judged)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {known.Title} | [{known.Rehearsal}](rehearsals/{known.Rehearsal}.rehearsal.yaml) ");
            text.Append(CultureInfo.InvariantCulture, $"| {(known.IsGood ? "right" : "wrong")}: {known.Known} ");
            text.Append(CultureInfo.InvariantCulture, $"| {MarkdownReport.Word(result.Verdict)} | {Broken(known, result)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The expectations that were broken, with the times that the file has.</summary>
    private static string Broken(KnownBehaviour known, RehearsalResult result) => string.Join("; ",
        JudgedRig.PlanOf(known, 1).During.Zip(result.Phases[^1].Judged)
            .Where(static e => !e.Second.Judgement.IsHeld).Select(static e => e.First.Text));

    private static string Said(KnownBehaviour known, RehearsalResult result) => string.Join('\n',
    [
        $"{known.Title} before {known.Rehearsal}: {result.Verdict} {result.Reason}",
        .. result.Phases.SelectMany(static p => p.Judged)
            .Select(static j => $"{j.Judgement.IsHeld} {j.Expectation.Text}: {j.Judgement.Why}"),
        .. result.Phases.SelectMany(static p => ClientStory.Lines(p.Seen)),
        result.ClientOutput,
    ]);

    /// <summary>The page itself, not a copy beside the assembly: it may have to be written.</summary>
    private static string Page([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", "faults-clients.md"));
}
