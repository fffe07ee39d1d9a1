using System.Text.Json;
using System.Xml.Linq;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Rehearsals;

/// <summary><c>smtpproxy rehearse</c>, as it is typed: with its own proxy, and with one that runs.</summary>
public sealed class RehearseCommandTests : IDisposable
{
    private const string Later = """
        rehearsal: Put off once
        for: 00:03:00
        faults:
          rules:
            later: { at: rcpt, occurrence: { first: 1 }, action: { type: reply, code: 451 } }
        expect: [retried, delivered]
        """;

    /// <summary>Sends with curl, as often as its first argument says.</summary>
    internal const string Sender = """
        #!/bin/bash
        for ((n = 0; n < ${1:-5}; n++)); do
          printf 'Message-ID: <%s@client.example>\r\nSubject: hello\r\n\r\nhello\r\n' "$REHEARSAL_PHASE" |
            curl -sS "smtp://$REHEARSAL_SMTP" --mail-from a@client.example --mail-rcpt b@example.org --upload-file - && exit 0
          sleep ${2:-0.1}
        done
        exit 1
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("smtpproxy-rehearsed-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SkippableFact]
    public async Task OwnProxy_WithAClientThatComesBack_PassesAndReports()
    {
        var (code, output, errors) = await RunAsync(Later, "--client", SendMail(5), "--junit", At("r.xml"), "--markdown", At("r.md"));
        Assert.True(code == 0, output + errors);
        Assert.Matches(@"✓ during: tried again at any time: 1 try came again, after [\d.]+ m?s\n", output);
        Assert.Contains("✓ during: delivered exactly once: the relay took 1 message", output, StringComparison.Ordinal);
        Assert.EndsWith("  passed", output, StringComparison.Ordinal);
        // It listens for itself only, and says nothing of it.
        Assert.DoesNotContain("listening", output, StringComparison.Ordinal);
        var suite = XDocument.Load(At("r.xml")).Root!.Element("testsuite")!;
        Assert.Equal(("3", "0"), (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value));
        Assert.Contains("| during | the fault struck | it struck 1 time | held |", await File.ReadAllTextAsync(At("r.md")),
            StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task OwnProxy_WithAClientThatGivesUp_FailsAndShowsTheSessionThatDecided()
    {
        var (code, output, errors) = await RunAsync(Later, "--client", SendMail(1));
        Assert.True(code == 2, output + errors);
        Assert.Contains("✗ during: tried again at any time: a try was put off, and none came after it", output, StringComparison.Ordinal);
        Assert.Contains("RCPT 451, struck by reply", output, StringComparison.Ordinal);
        Assert.Matches("RCPT .* 451 ", output);
        Assert.Matches("fault_injected", output);

        (code, output, _) = await RunAsync(Later, "--client", SendMail(1), "--json");
        Assert.Equal(2, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("failed", json.RootElement.GetProperty("verdict").GetString());
        Assert.DoesNotContain("@example.org", output, StringComparison.Ordinal);
        Assert.Equal(1, json.RootElement.GetProperty("phases")[0].GetProperty("client_exit").GetInt32());
    }

    /// <summary>The page's own file, whose before and after phases a client of ours passes.</summary>
    [SkippableFact]
    public async Task Page_ItsFile_PassesInAllThreePhases()
    {
        var text = Pages.Snippets.Single(static s => s.RunBy == nameof(RehearseCommandTests)).Text
            .Replace("within: 00:01:00", "within: 01:00:00", StringComparison.Ordinal);
        var (code, output, errors) = await RunAsync(text + "after: [delivered]\n", "--client", $"{SendMail(20)} 1", "--scale",
            "0.001");
        Assert.True(code == 0, output + errors);
        Assert.Contains("✓ before: delivered", output, StringComparison.Ordinal);
        Assert.Contains("✓ after: delivered", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task SteadyState_ThatIsNotThere_IsNotRehearsed()
    {
        var (code, output, _) = await RunAsync(Later + "\nbefore: [ { exit: { code: 7 } } ]\n", "--client", SendMail(5));
        Assert.Equal(1, code);
        Assert.Contains("✗ before: the client ends with 7: it ended with 0", output, StringComparison.Ordinal);
        Assert.EndsWith("  not run: the steady state is not there", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Staging_ByItsApi_IsRehearsedWithAndLeftAsItWas()
    {
        await using var proxy = await ProxyProcess.StartAsync(static _ => { },
            new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Staging" },
            "--SmtpProxy:Faults:Enabled=true", "--addresses", "full", "--SmtpProxy:Admin:BearerToken=0123456789abcdef0123456789abcdef");
        await File.WriteAllTextAsync(At("token"), "0123456789abcdef0123456789abcdef\n");
        string[] with = ["--admin", proxy.Admin.ToString(), "--smtp", proxy.Listener().ToString(), "--client", SendMail(5)];
        var (code, output, errors) = await RunAsync(Later, [.. with, "--token-file", At("token")]);
        Assert.True(code == 0, output + errors);

        (code, _, errors) = await RunAsync(Later, with);
        Assert.Equal(1, code);
        Assert.Contains("SMTPPROXY_TOKEN", errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Production_IsNeverRehearsedWith()
    {
        await using var proxy = await ProxyProcess.StartAsync("--SmtpProxy:Faults:Enabled=true",
            "--SmtpProxy:Faults:AllowUnsafeEnvironment=true");
        var (code, _, errors) = await RunAsync(Later, "--admin", proxy.Admin.ToString(), "--client", "true");
        Assert.Equal(1, code);
        Assert.Contains("runs in Production: nothing is rehearsed there", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_AreToldWithTheirLineBeforeAnythingRuns()
    {
        var (code, _, errors) = await RunAsync(Later.Replace("451", "99", StringComparison.Ordinal), "--client", "true");
        Assert.Equal(1, code);
        Assert.Contains("a.rehearsal.yaml:5: faults.rules.later.action.code: \"99\" is not a whole number from 200 to 599", errors,
            StringComparison.Ordinal);
        (code, _, errors) = await RunAsync(Later);
        Assert.Equal(1, code);
        Assert.Contains("no client; write --client 'COMMAND'", errors, StringComparison.Ordinal);
        (code, var output, errors) = await RunAsync(Later, "--check");
        Assert.True(code == 0, errors);
        Assert.Contains("Put off once: 1 rules, 3 expectations", output, StringComparison.Ordinal);
        (code, _, errors) = await ProxyProcess.RunAsync("rehearse");
        Assert.Equal(1, code);
        Assert.Contains("name a file", errors, StringComparison.Ordinal);
        (code, output, _) = await ProxyProcess.RunAsync("rehearse", "--schema");
        Assert.Equal(0, code);
        JsonDocument.Parse(output).Dispose();
    }

    /// <summary>Of several files each has its result, also where the one before could not be run; and a report has all of them.</summary>
    [Fact]
    public async Task SeveralFiles_OneOfWhichCannotBeRun_AreAllReported()
    {
        await File.WriteAllTextAsync(At("b.rehearsal.yaml"),
            Later.Replace("Put off once", "Second \ud83d\ude80", StringComparison.Ordinal));
        var (code, output, errors) = await RunAsync(Later, At("b.rehearsal.yaml"), "--client", At("nothing-there"), "--junit", At("r.xml"));
        Assert.Equal(1, code);
        Assert.Contains("the client's command cannot be run: ", errors, StringComparison.Ordinal);
        Assert.Contains("(exit code 127)", output, StringComparison.Ordinal);
        var suites = XDocument.Load(At("r.xml")).Root!.Elements("testsuite").ToList();
        Assert.Equal(["Put off once", "Second \ud83d\ude80"], suites.Select(static s => s.Attribute("name")!.Value.Trim()));
        Assert.All(suites, static s => Assert.Equal("1", s.Attribute("skipped")!.Value));
    }

    /// <summary>Nobody waits an hour for a report that cannot be written.</summary>
    [Fact]
    public async Task Report_ThatCannotBeWritten_IsToldBeforeAnythingRuns()
    {
        var (code, output, errors) = await RunAsync(Later, "--client", "true", "--junit", At("nowhere/r.xml"));
        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains($"--junit {At("nowhere/r.xml")}: the report cannot be written", errors, StringComparison.Ordinal);
        (code, _, errors) = await RunAsync(Later, At("none.rehearsal.yaml"), "--client", "true", "--markdown", At("r.md"));
        Assert.Equal(1, code);
        Assert.Contains("none.rehearsal.yaml: there is no such file", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(At("r.md")));
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>The command of a client that tries so often.</summary>
    private string SendMail(int tries)
    {
        PeerTool.Require("curl");
        File.WriteAllText(At("send-mail"), Sender.ReplaceLineEndings("\n"));
        return $"bash {At("send-mail")} {tries}";
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string text, params string[] arguments)
    {
        await File.WriteAllTextAsync(At("a.rehearsal.yaml"), text + "\n");
        return await ProxyProcess.RunAsync(["rehearse", At("a.rehearsal.yaml"), .. arguments]);
    }
}
