using System.Collections.Concurrent;
using System.Globalization;
using SmtpProxy.FunctionalTests.Cli;

namespace SmtpProxy.FunctionalTests.Faults.Soak;

/// <summary>The same seed and the same traffic: the same faults, however the connections interleave.
/// <c>SMTPPROXY_SOAK_MAILS</c> (500) makes it longer.</summary>
public sealed class ReproducibleTests
{
    private const int Connections = 50;

    [Fact]
    public async Task Sessions_OverFiftyConnections_AreStruckAlikeTwice_AndAnotherRulesEditChangesNothing()
    {
        var sessions = int.TryParse(Environment.GetEnvironmentVariable("SMTPPROXY_SOAK_MAILS"), NumberStyles.None,
            CultureInfo.InvariantCulture, out var asked) ? asked : 500;

        var first = await RunAsync(sessions, "0.2");
        var second = await RunAsync(sessions, "0.2");
        var edited = await RunAsync(sessions, "0.6");

        Assert.Equal(sessions, first.Count);
        Assert.Equal(first, second);
        Assert.Equal(first.Select(static s => (s.Key, s.Value.Rcpt)), edited.Select(static s => (s.Key, s.Value.Rcpt)));
        Assert.InRange(first.Values.Count(static s => s.Rcpt == "451"), sessions / 5, sessions / 2);
        Assert.True(edited.Values.Count(static s => s.Dot == "554") > first.Values.Count(static s => s.Dot == "554"));
    }

    private static async Task<SortedDictionary<int, (string Rcpt, string Dot)>> RunAsync(int sessions, string rejected)
    {
        await using var proxy = await FaultedProxy.StartAsync("--SmtpProxy:Faults:Seed=4711");
        await proxy.AskAsync("PUT", "rules/later", "{'ttl':'00:10:00','at':'rcpt','probability':0.3,'action':{'type':'reply','code':451}}");
        await proxy.AskAsync("PUT", "rules/never",
            $"{{'ttl':'00:10:00','at':'endOfData','probability':{rejected},'action':{{'type':'rejectMessage'}}}}");
        var heard = new ConcurrentDictionary<int, (string, string)>();
        await Parallel.ForEachAsync(Enumerable.Range(0, sessions), new ParallelOptions { MaxDegreeOfParallelism = Connections },
            async (n, _) =>
        {
            var (client, _) = await MailClient.ConnectAsync(proxy.Process.Listener());
            using (client)
            {
                await client.SayAsync("EHLO client.example");
                await client.SayAsync($"MAIL FROM:<m{n}@example.org>");
                var rcpt = (await client.SayAsync($"RCPT TO:<r{n}@example.net>"))![..3];
                var dot = "";
                if (rcpt == "250")
                {
                    await client.SayAsync("DATA");
                    dot = (await client.SayAsync("Subject: hello\r\n\r\nhello\r\n."))![..3];
                }

                await client.SayAsync("QUIT");
                heard[n] = (rcpt, dot);
            }
        });
        return new SortedDictionary<int, (string Rcpt, string Dot)>(heard);
    }
}
