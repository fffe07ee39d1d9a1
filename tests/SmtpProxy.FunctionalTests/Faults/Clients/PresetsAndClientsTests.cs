using System.Runtime.CompilerServices;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Faults.Clients;

/// <summary>docs/faults-clients.md says what four libraries do before each preset. This is where it comes from. Their own timeouts are
/// scaled down: it runs alone.</summary>
[Collection(nameof(Alone))]
public sealed class PresetsAndClientsTests
{
    private const string Write = "SMTPPROXY_WRITE_CLIENT_TABLE";
    private const string From = "<!-- observed -->\n";
    private const string To = "<!-- end of observed -->";

    [SkippableFact]
    public async Task Clients_BeforeEveryPreset_DoWhatThePageSays()
    {
        await using var rig = new ClientRig();
        await rig.StartAsync();
        var results = await Task.WhenAll(rig.Cells.Select(static cell => cell.RunAsync()));
        var (sessions, injections) = await rig.LeaveAsync();
        var observed = ClientTable.Of(results, sessions, injections);

        var file = Page();
        var page = (await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n");
        var (start, end) = (page.IndexOf(From, StringComparison.Ordinal) + From.Length, page.IndexOf(To, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable(Write) == "1")
        {
            await File.WriteAllTextAsync(file, page[..start] + observed + page[end..]);
            return;
        }

        var (before, now) = (page[start..end].Split('\n'), observed.Split('\n'));
        var changes = before.Except(now).Select(static line => "- " + line).Concat(now.Except(before).Select(static line => "+ " + line))
            .ToArray();
        Assert.True(page[start..end] == observed,
            $"docs/faults-clients.md (-) is not what the clients do (+). If it should be, run this test with {Write}=1, which writes " +
                $"the page.\n{string.Join('\n', changes)}");
    }

    /// <summary>The page itself, not a copy beside the assembly: it may have to be written.</summary>
    private static string Page([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", "faults-clients.md"));
}
