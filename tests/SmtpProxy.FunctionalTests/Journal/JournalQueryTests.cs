using System.Text.Json;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Documentation;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Journal;

/// <summary>What the documentation says how to find is found: its own queries, by jq, in a journal that the proxy wrote of
/// mail that the sink refused.</summary>
public sealed class JournalQueryTests
{
    private static readonly (string Kind, string[] Lines)[] Mails =
    [
        ("recipient", ["MAIL FROM:<a@test.example>", "RCPT TO:<550@test.example>", "RSET"]),
        ("sender", ["MAIL FROM:<550-mail@test.example>"]),
        ("data", ["MAIL FROM:<452-data@test.example>", "RCPT TO:<b@test.example>", "DATA", "RSET"]),
        ("message", ["MAIL FROM:<a@test.example>", "RCPT TO:<554-dot@test.example>", "DATA", "Subject: x\r\n\r\nx\r\n."]),
        ("one recipient of two", ["MAIL FROM:<a@test.example>", "RCPT TO:<550@test.example>", "RCPT TO:<b@test.example>", "DATA",
            "Subject: x\r\n\r\nx\r\n."]),
        ("good", ["MAIL FROM:<a@test.example>", "RCPT TO:<b@test.example>", "DATA", "Subject: x\r\n\r\nx\r\n."]),
    ];

    [SkippableFact]
    public async Task Queries_OfTheDocumentation_FindRefusedMail()
    {
        PeerTool.Require("jq");
        await using var proxy = await ProxyProcess.StartAsync();
        List<JsonElement> journal = [];
        foreach (var (_, lines) in Mails)
        {
            await SendAsync(proxy, lines);
            journal = [.. await proxy.JournalAsync(journal.Count + 1)];
        }

        await File.WriteAllLinesAsync(Path.Combine(proxy.Folder, "journal.jsonl"), journal.Select(static line => line.GetRawText()));
        var snippet = Pages.Snippets.Single(static s => s.RunBy == nameof(JournalQueryTests));
        var queries = snippet.Text.Split('\n').Where(static line => line.StartsWith("jq ", StringComparison.Ordinal)).ToArray();
        var (refused, every, ends) = (await AskAsync(proxy, queries[0]), await AskAsync(proxy, queries[1]),
            await AskAsync(proxy, queries[2]));

        Assert.Equal(Times(journal, "recipient", "data", "message"),
            refused.Select(static line => JsonElement.Parse(line).GetProperty("time").GetString()));
        Assert.All(refused, static line => Assert.NotEmpty(JsonElement.Parse(line).GetProperty("codes").EnumerateArray()));
        Assert.Equal(Times(journal, "recipient", "sender", "data", "message", "one recipient of two"),
            every.Select(static line => JsonElement.Parse(line).GetProperty("time").GetString()));
        Assert.Equal(["1 sink tempfail", "2 sink accepted", "2 sink permfail"], ends.Select(static line => line.Trim()).Order());
    }

    [Fact]
    public async Task Line_OfATransaction_ComesWhileTheSessionGoesOn()
    {
        await using var proxy = await ProxyProcess.StartAsync("--SmtpProxy:Journal:Per=Transaction");
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.test.example");
            await SayAsync(client, Mails[^1].Lines);
            Assert.Single(await proxy.JournalAsync(1));
            await SayAsync(client, Mails[0].Lines);
            Assert.Equal(2, (await proxy.JournalAsync(2)).Length);
            await client.SayAsync("QUIT");
        }

        var journal = await proxy.JournalAsync(3);
        Assert.Single(journal.Select(static line => line.GetProperty("session").GetString()).Distinct());
        Assert.Equal([1, 2, 3], journal.Select(static line => line.GetProperty("part").GetInt32()));
        Assert.Equal([null, null, "quit"], journal.Select(static line => line.GetProperty("outcome").GetString()));
        Assert.Equal(["EHLO MAIL RCPT DATA .", "MAIL RCPT RSET", "QUIT"],
            journal.Select(static line =>
                string.Join(' ', line.GetProperty("exchanges").EnumerateArray().Select(static e => e.GetProperty("verb").GetString()))));
        Assert.Equal(["accepted", "permfail"], journal.SelectMany(static line => line.GetProperty("transactions").EnumerateArray())
            .Select(static t => t.GetProperty("verdict").GetString()));
        Assert.Equal(JsonValueKind.Null, journal[0].GetProperty("diagnosis").ValueKind);
        Assert.All(journal[1..], static line =>
            Assert.Equal("recipient_unknown", line.GetProperty("diagnosis").GetProperty("code").GetString()));
        Assert.All(journal, static line => Assert.NotEmpty(line.GetProperty("capabilities").EnumerateArray()));
    }

    private static IEnumerable<string?> Times(List<JsonElement> journal, params string[] kinds) =>
        from kind in kinds select journal[Array.FindIndex(Mails, m => m.Kind == kind)].GetProperty("time").GetString();

    private static async Task<string[]> AskAsync(ProxyProcess proxy, string query)
    {
        var output = await Command.SucceedAsync("sh", ["-c", $"cd {proxy.Folder} && {query}"]);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task SendAsync(ProxyProcess proxy, string[] lines)
    {
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            await client.SayAsync("EHLO client.test.example");
            await SayAsync(client, lines);
            await client.SayAsync("QUIT");
        }
    }

    private static async Task SayAsync(MailClient client, string[] lines)
    {
        foreach (var line in lines)
        {
            await client.SayAsync(line);
        }
    }
}
