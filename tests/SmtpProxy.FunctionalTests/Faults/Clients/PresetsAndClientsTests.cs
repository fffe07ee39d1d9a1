using System.Runtime.CompilerServices;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>docs/faults-clients.md says what four libraries do before each preset. This is where it comes from. Their own timeouts are
/// scaled down: it runs alone.</summary>
[Collection(nameof(Alone))]
public sealed class PresetsAndClientsTests
{
    /// <summary>A client whose time runs out before the fault strikes, because nobody got to run, has no row
    /// of its own in the page.</summary>
    private const int Rounds = 3;
    private const string Write = "SMTPPROXY_WRITE_CLIENT_TABLE";
    private const string From = "<!-- observed -->\n";
    private const string To = "<!-- end of observed -->";

    [SkippableFact]
    public async Task Clients_BeforeEveryPreset_DoWhatThePageSays()
    {
        var file = Page();
        var page = (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n");
        var (start, end) = (page.IndexOf(From, StringComparison.Ordinal) + From.Length, page.IndexOf(To, StringComparison.Ordinal));
        var observed = await ObserveAsync();
        if (Environment.GetEnvironmentVariable(Write) == "1")
        {
            await File.WriteAllTextAsync(file, page[..start] + observed + page[end..]);
            return;
        }

        var before = page[start..end].Split('\n');
        var changes = Changes(before, observed);
        for (var again = 0; again < Rounds - 1 && changes.Length > 0; again++)
        {
            // What differs in every round is not the machine's doing.
            changes = [.. changes.Intersect(Changes(before, await ObserveAsync()))];
        }

        Assert.True(changes.Length == 0,
            $"docs/faults-clients.md (-) is not what the clients do (+). If it should be, run this test with {Write}=1, which writes " +
                $"the page.\n{string.Join('\n', changes)}");
    }

    private static string[] Changes(string[] before, string observed)
    {
        var now = observed.Split('\n');
        return [.. before.Except(now).Select(static line => "- " + line), .. now.Except(before).Select(static line => "+ " + line)];
    }

    private static async Task<string> ObserveAsync()
    {
        await using var rig = new ClientRig();
        await rig.StartAsync();
        var results = await Task.WhenAll(rig.Cells.Select(static cell => cell.RunAsync()));
        var (sessions, injections) = await rig.LeaveAsync();
        return ClientTable.Of(results, sessions, injections);
    }

    /// <summary>The page itself, not a copy beside the assembly: it may have to be written.</summary>
    private static string Page([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", "faults-clients.md"));
}
