using System.Text.RegularExpressions;
using System.Xml.Linq;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Support.Programs;

namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary>The commands of the CI examples and of the recipe for load, run as they are printed, in a folder as they expect it.</summary>
public sealed partial class CiExampleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpproxy-ci-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The lines of the page stand in the whole files, too.</summary>
    [Fact]
    public void Page_ItsExamples_AreOfTheWholeFiles()
    {
        var files = string.Concat(Directory.GetFiles(Ci, "*.yml").Select(File.ReadAllText));
        Assert.All(Pages.Snippets.Where(static s => s.RunBy == nameof(CiExampleTests) && s.Language == "yaml")
            .SelectMany(static s => s.Text.Split('\n')), line => Assert.Contains(line.Trim(), files, StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData("github.yml", "rehearse")]
    [InlineData("gitlab.yml", "rehearse")]
    [InlineData("github.yml", "service")]
    [InlineData("gitlab.yml", "rehearse-service")]
    public async Task Job_AsPrinted_RehearsesAndLeavesItsReport(string file, string job)
    {
        PeerTool.Require("curl");
        using var box = await Sandbox.MakeAsync();
        var said = await box.SucceedAsync($"""
            {Prepare()}
            set +e
            {Commands(await File.ReadAllTextAsync(Path.Combine(Ci, file)), job)}
            cp rehearsals.xml '{_folder.FullName}/'
            """);
        Assert.True(said.Contains("  passed", StringComparison.Ordinal), said);
        var suite = XDocument.Load(Path.Combine(_folder.FullName, "rehearsals.xml")).Root!.Element("testsuite")!;
        Assert.Equal("0", suite.Attribute("failures")!.Value);
    }

    [SkippableFact]
    public async Task Load_AsPrinted_IsSentAndJudged()
    {
        PeerTool.Require("smtp-source");
        var recipe = Pages.Snippets.Single(static s => s.RunBy == nameof(CiExampleTests) && s.Language == "sh").Text;
        using var box = await Sandbox.MakeAsync();
        var said = await box.SucceedAsync($$"""
            {{Prepare()}}
            {{Sandbox.Write("/var/job/load.yaml", """
                rehearsal: Load
                faults: { rules: { slow: { at: rcpt, occurrence: { every: 50 }, action: { type: delay, duration: 00:00:00.05 } } } }
                expect:
                  - metric: { name: smtpproxy_transactions_total, labels: [ smtpproxy_outcome=accepted ], min: 1000, max: 1000 }
                  - connections: { max: 40, atOnce: 20 }

                """)}}
            {{recipe}}
            """);
        Assert.Contains("\"verdict\":\"passed\"", said, StringComparison.Ordinal);
    }

    private static string Ci => Path.Combine(SourceFolder.Root, "deploy", "ci");

    private static string Prepare() => $$"""
        mkdir -p /var/job/tools /var/job/rehearsals; cd /var/job
        printf '#!/bin/bash\nexport PATH=$PATH\nexec dotnet %s "$@"\n' '{{ProgramStart.Assembly}}' > tools/smtpproxy
        export GITHUB_STEP_SUMMARY=/var/job/summary.md HOME=/var/job
        {{Sandbox.Write("/var/job/send-mail", RehearseCommandTests.Sender.ReplaceLineEndings("\n"))}}
        chmod +x send-mail
        {{Sandbox.Write("/var/job/rehearsals/later.yaml", """
            rehearsal: Put off once
            faults: { rules: { later: { at: rcpt, occurrence: { first: 1 }, action: { type: reply, code: 451 } } } }
            expect: [ retried, delivered ]

            """)}}
        """;

    /// <summary>What a runner gives to the shell: the lines of <c>run</c>, <c>before_script</c> and <c>script</c> of a job.</summary>
    private static string Commands(string text, string job)
    {
        static int Indent(string line) => line.TakeWhile(static c => c == ' ').Count();
        var all = text.Split('\n');
        var at = Array.FindIndex(all, line => line.Trim() == $"{job}:");
        string[] lines = [.. all.Skip(at + 1).TakeWhile(line => line.Length == 0 || Indent(line) > Indent(all[at]))];
        var commands = new List<string>();
        for (var n = 0; n < lines.Length; n++)
        {
            if (Env().Match(lines[n]) is { Success: true } env)
            {
                commands.Add($"export {env.Groups["name"].Value}={env.Groups["value"].Value}");
            }
            else if (Run().Match(lines[n]) is { Success: true } run)
            {
                var rest = run.Groups["command"].Value;
                var indent = Indent(lines[n]);
                if (rest is not ("" or "|"))
                {
                    commands.Add(rest);
                    continue;
                }

                for (; n + 1 < lines.Length && Indent(lines[n + 1]) > indent; n++)
                {
                    var line = lines[n + 1].Trim();
                    commands.Add(line.StartsWith("- ", StringComparison.Ordinal) ? line[2..] : line.StartsWith('#') ? "" : line);
                }
            }
        }

        return string.Join('\n', commands.OrderBy(static c => !c.StartsWith("export ", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^ *(run|script|before_script): ?(?<command>.*)$")]
    private static partial Regex Run();

    [GeneratedRegex(@"^ *env: \{ (?<name>\w+): (?<value>\w+) \}$")]
    private static partial Regex Env();
}
