using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Journal;

/// <summary>What the runbooks ask a journal for is found: their own queries, by jq, in a journal that the proxy wrote of what
/// their alerts are about.</summary>
public sealed class RunbookQueryTests
{
    /// <summary>More than the objective allows for a verdict.</summary>
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(5.2);

    /// <summary>What each page must find; per query of the page one or more lines with this.</summary>
    private static readonly Dictionary<string, string[][]> s_finds = new()
    {
        ["DuplicateRisk"] = [["\"outcome\":\"delivered\",\"queue_id\":\"4F1XYZ12\"", "\"waited_ms\":"]],
        ["ErrorBudgetBurnSlow"] = [["1 ", "T", "relay-1 greylisted"]],
        ["ErrorBudgetBurnTicket"] = [["1 20", "greylisted"], ["1 greylisted 127.0.0.1"]],
        ["LatencyBudgetBurn"] = [["5", "relay-1 4F1XYZ12"]],
        ["OpaqueShareJump"] = [["1 inbound tls", "127.0.0.1"]],
        ["PermfailSurge"] = [["relay-1 RCPT 550 5.1.1"], ["1 127.0.0.1"]],
    };

    [SkippableFact]
    public async Task Queries_OfTheRunbooks_FindWhatTheyAreFor()
    {
        PeerTool.Require("jq");
        await using var relay = new TalkingRelay(Answer) { Takes = static command => command == "." ? TooLong : TimeSpan.Zero };
        await using var proxy = await ProxyProcess.StartAsync("--relay", relay.Address);
        await Task.WhenAll(
            MailSender.SendAsync(proxy.Listener()),
            SayAsync(proxy, "EHLO client", "MAIL FROM:<a@example.org>", "RCPT TO:<later@example.net>", "RSET", "QUIT"),
            SayAsync(proxy, "EHLO client", "MAIL FROM:<a@example.org>", "RCPT TO:<nobody@example.net>", "RSET", "QUIT"),
            SayAsync(proxy, "EHLO client", "STARTTLS", "\x16\x03\x01\0\x05\x01\0\0\x01\0"),
            LeaveAsync(proxy));
        await File.WriteAllLinesAsync(Path.Combine(proxy.Folder, "journal.jsonl"),
            (await proxy.JournalAsync(5)).Select(static line => line.GetRawText()));

        var pages = Pages.Snippets.Where(static s => s.RunBy == nameof(RunbookQueryTests))
            .ToDictionary(static s => Path.GetFileNameWithoutExtension(s.Page));
        Assert.Equal(s_finds.Keys.Order(), pages.Keys.Order());
        foreach (var (page, finds) in s_finds)
        {
            var queries = pages[page].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(finds.Length, queries.Length);
            foreach (var (query, words) in queries.Zip(finds))
            {
                var found = await Command.SucceedAsync("bash", ["-euo", "pipefail", "-c", $"cd '{proxy.Folder}'; {query}"]);
                Assert.True(found.Split('\n').Any(line => words.All(word => line.Contains(word, StringComparison.Ordinal))),
                    $"{page}: {query}\n{found}\n{await File.ReadAllTextAsync(Path.Combine(proxy.Folder, "journal.jsonl"))}");
            }
        }
    }

    private static string? Answer(string command) => command switch
    {
        "EHLO client" => "250-relay\r\n250 STARTTLS",
        "STARTTLS" => "220 go",
        "RCPT TO:<later@example.net>" => "450 4.7.1 greylisted, come again in 300 seconds",
        "RCPT TO:<nobody@example.net>" => "550 5.1.1 nobody",
        "." => "250 2.0.0 Ok: queued as 4F1XYZ12",
        _ => TalkingRelay.Yes(command),
    };

    private static async Task SayAsync(ProxyProcess proxy, params string[] lines)
    {
        using var sender = await MailSender.ConnectAsync(proxy.Listener());
        await sender.TrySayAsync(lines);
    }

    /// <summary>A client that does not wait for the verdict, which comes all the same.</summary>
    private static async Task LeaveAsync(ProxyProcess proxy)
    {
        using var sender = await MailSender.ConnectAsync(proxy.Listener());
        await sender.SayAsync("EHLO client", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA");
        await sender.TellAsync("hi\r\n.");
    }
}
