using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Journal;

/// <summary>A journal that others touch too: another proxy, a rotating operator, logrotate.</summary>
public sealed class CompanyTests : IDisposable
{
    private const int HangUp = 1;
    private const int User1 = 10;
    private readonly string _folder = Directory.CreateTempSubdirectory("journal-").FullName;

    private string Journal => Path.Combine(_folder, "journal.jsonl");

    private IEnumerable<string> Parts => Directory.EnumerateFiles(_folder, "journal.jsonl*");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TwoProcesses_OnOneFile_EveryLineIsThereAndWhole()
    {
        const int Each = 10_000;
        await using var one = await ProxyProcess.StartAsync("--journal", Journal);
        await using var two = await ProxyProcess.StartAsync("--journal", Journal);
        await Task.WhenAll(Visits.MakeAsync(one.Listener(), Each), Visits.MakeAsync(two.Listener(), Each));
        await EndAsync(one, two);

        var found = JournalLines.Read(Journal);
        Assert.Equal((2 * Each, 2 * Each, 0), (found.Sessions.Count, found.Sessions.Distinct().Count(), found.Torn));
    }

    [Fact]
    public async Task Move_UnderLoad_LosesNoLine()
    {
        const int Sessions = 2_000;
        await using var proxy = await ProxyProcess.StartAsync("--journal", Journal);
        var visits = Visits.MakeAsync(proxy.Listener(), Sessions);
        for (var n = 0; !visits.IsCompleted; n++)
        {
            if (File.Exists(Journal))
            {
                File.Move(Journal, $"{Journal}.{n}");
            }

            await Task.Delay(5);
        }

        await visits;
        await EndAsync(proxy);
        var found = JournalLines.Read(Parts);
        Assert.Equal((Sessions, Sessions, 0), (found.Sessions.Count, found.Sessions.Distinct().Count(), found.Torn));
        Assert.NotEmpty(Parts.Skip(1));
    }

    [Fact]
    public async Task HangUp_AfterAMove_MakesTheFileAnewAndEndsNothing()
    {
        await using var proxy = await ProxyProcess.StartAloneAsync("--journal", Journal);
        await Visits.MakeAsync(proxy.Listener(), 1);
        // The client sees the end before the line is written.
        await Eventually.Async(() => JournalLines.Read(Journal).Sessions.Count == 1, "the session is not in the journal");
        File.Move(Journal, Journal + ".1");
        proxy.Signal(HangUp);
        await proxy.Errors.AwaitAsync(static line => line.Contains("was opened anew", StringComparison.Ordinal));
        Assert.Empty(await File.ReadAllTextAsync(Journal));

        await Visits.MakeAsync(proxy.Listener(), 1);
        await EndAsync(proxy);
        Assert.Equal(2, JournalLines.Read(Parts).Sessions.Count);
    }

    [Theory]
    [InlineData(HangUp)]
    [InlineData(User1)]
    public async Task Signal_ForReopening_WithoutAFile_EndsNothing(int signal)
    {
        await using var proxy = await ProxyProcess.StartAloneAsync();
        proxy.Signal(signal);
        await Visits.MakeAsync(proxy.Listener(), 1);
        Assert.Single(await proxy.JournalAsync(1));
        await EndAsync(proxy);
    }

    [Fact]
    public async Task HangUp_OfTheDemo_EndsNothing()
    {
        await using var demo = ProxyProcess.Begin("demo", "--port", "0", "--admin", "http://127.0.0.1:0", "--journal", "-", "--rate", "5");
        await demo.Output.AwaitAsync(static line => line.StartsWith("listening ", StringComparison.Ordinal));
        demo.Signal(HangUp);
        await demo.JournalAsync(5);
        demo.Terminate();
        Assert.Equal(0, await demo.ExitAsync());
    }

    [SkippableFact]
    public async Task Output_ByItsNameAsAFile_IsTheOutput()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "there it has such a name");
        await using var proxy = await ProxyProcess.StartAsync("--journal", "/dev/stdout");
        await Visits.MakeAsync(proxy.Listener(), 1);
        Assert.Single(await proxy.JournalAsync(1));
    }

    /// <summary>The snippet of the page, with the real program.</summary>
    [SkippableTheory]
    [InlineData("delaycompress", "delaycompress")]
    [InlineData("delaycompress", "delaycompress\n    copytruncate")]
    public async Task Logrotate_AsDocumented_KeepsEverySession(string written, string wanted)
    {
        var program = PeerTool.Require("logrotate");
        var recipe = DocumentedRecipe().Replace("/var/log/smtpproxy/journal.jsonl", Journal, StringComparison.Ordinal)
            .Replace(written, wanted, StringComparison.Ordinal);
        var (settings, state) = (Path.Combine(_folder, "recipe"), Path.Combine(_folder, "state"));
        await File.WriteAllTextAsync(settings, recipe);

        await using var proxy = await ProxyProcess.StartAsync("--journal", Journal);
        for (var n = 1; n <= 3; n++)
        {
            await Visits.MakeAsync(proxy.Listener(), 20);
            await LinesAsync(20);
            await Command.SucceedAsync(program, ["-f", "-s", state, settings]);
        }

        await Visits.MakeAsync(proxy.Listener(), 20);
        await EndAsync(proxy);
        await Command.SucceedAsync("gunzip", Directory.EnumerateFiles(_folder, "*.gz"));
        var found = JournalLines.Read(Parts);
        Assert.Equal((80, 80, 0), (found.Sessions.Count, found.Sessions.Distinct().Count(), found.Torn));
        Assert.Equal(4, Parts.Count());
    }

    private static string DocumentedRecipe() =>
        Pages.Snippets.Single(static s => s.Language == "logrotate").Text;

    private static async Task EndAsync(params ProxyProcess[] proxies)
    {
        foreach (var proxy in proxies)
        {
            proxy.Terminate();
            Assert.Equal(0, await proxy.ExitAsync());
        }
    }

    /// <summary>Waits until the file has so many lines: sessions are written after their clients have gone.</summary>
    private async Task LinesAsync(int count)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (!File.Exists(Journal) || JournalLines.Read(Journal).Sessions.Count < count)
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
