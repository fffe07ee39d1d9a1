using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Faults.Senders;

/// <summary>docs/faults.md quotes the log of a Postfix that sends through five presets. This is where the quotations come from. Postfix
/// retries by the second: it runs alone.</summary>
[Collection(nameof(Alone))]
public sealed class PostfixAndPresetsTests
{
    private const string Write = "SMTPPROXY_WRITE_POSTFIX_LOG";
    private const string End = "<!-- end of postfix -->";

    [SkippableFact]
    public async Task Postfix_BeforePresets_DefersRetriesAndDeliversAsThePageSays()
    {
        PeerTool.RequireRoot();
        PeerTool.Require("postfix");
        await using var rig = await DrillRig.StartAsync();
        rig.Postfix.Require();
        var results = await Task.WhenAll(Drills.All.Select(rig.RunAsync));

        Assert.All(results, static r => Assert.Equal((r.Drill.Preset, r.Drill.Taken, r.Drill.Mails), (r.Drill.Preset, r.Taken, r.Queued)));
        Assert.All(results, static r =>
            Assert.Matches(@"status=deferred[^\0]*status=sent[^\0]*qmgr: removed$", string.Join('\n', r.Story)));
        var file = Page();
        var page = (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n");
        var observed = results.Aggregate(page, Quote);
        if (Environment.GetEnvironmentVariable(Write) == "1")
        {
            await File.WriteAllTextAsync(file, observed);
            return;
        }

        var (before, now) = (page.Split('\n'), observed.Split('\n'));
        Assert.True(page == observed,
            $"docs/faults.md (-) is not what Postfix does (+). If it should be, run this test with {Write}=1, which writes the page.\n"
            + string.Join('\n', before.Except(now).Select(static line => "- " + line)
                .Concat(now.Except(before).Select(static line => "+ " + line))));
    }

    /// <summary>The page with what was observed, behind the line that starts the preset.</summary>
    private static string Quote(string page, Drilled result)
    {
        var start = page.IndexOf($"* Start: `curl -X POST $ADMIN/api/v1/faults/scenarios/{result.Drill.Preset}/start",
            StringComparison.Ordinal);
        var behind = page.IndexOf('\n', start) + 1;
        var old = Regex.Match(page[behind..], $"\\A<!-- postfix -->\n.*?{End}\n", RegexOptions.Singleline);
        var lines = string.Concat(result.Story.Select(static line => $"  {line}\n"));
        return $"{page[..behind]}<!-- postfix -->\n* What Postfix does: {result.Drill.Outcome} Here, {result.Drill.Scene}:\n  ```output\n" +
            $"{lines}  ```\n{End}\n{page[(behind + old.Length)..]}";
    }

    /// <summary>The page itself, not a copy beside the assembly: it may have to be written.</summary>
    private static string Page([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", "faults.md"));
}
