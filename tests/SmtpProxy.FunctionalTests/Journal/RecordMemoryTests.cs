using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Journal;

/// <summary>What sessions hold for the journal, on the proxy as a process.</summary>
public sealed class RecordMemoryTests
{
    private const int Sessions = 4;
    private const int Noops = 9_000;
    private const int Together = 500;
    private const int Limit = 1 << 20;

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Flood_OfCommands_IsCutShortInTheJournal_AndALaterSessionIsWhole(string transport)
    {
        await using var proxy = await ProxyProcess.StartAloneAsync($"--SmtpProxy:Transport={transport}",
            $"--SmtpProxy:Limits:RecordMemory={Limit}", "--SmtpProxy:Journal:MaxExchanges=100000");
        var crowd = new List<SecuredClient>();
        for (var session = 0; session < Sessions; session++)
        {
            crowd.Add(await SecuredClient.ConnectAsync(proxy.Listener()));
            await FloodAsync(crowd[^1]);
        }

        var metrics = await Metrics.ReadAsync(proxy);
        Assert.InRange(metrics.Sum("smtpproxy_record_memory_bytes"), Limit / 2, Limit);
        Assert.Equal(Limit, metrics.Sum("smtpproxy_record_memory_limit_bytes"));
        Assert.Equal(Sessions, metrics.Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "record_memory")));
        Assert.Equal(Sessions * Noops, metrics.Sum("smtpproxy_replies_total", ("smtp_operation_name", "noop")));
        foreach (var client in crowd)
        {
            await client.SayAsync("QUIT");
            await client.DisposeAsync();
        }

        foreach (var record in await proxy.JournalAsync(Sessions))
        {
            Assert.Equal("quit", record.GetProperty("outcome").GetString());
            Assert.Equal(Noops + 1, record.GetProperty("exchanges").GetArrayLength() + record.GetProperty("exchanges_dropped").GetInt32());
        }

        await using (var later = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            foreach (var line in (string[])["EHLO c", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA", "hi\r\n.", "QUIT"])
            {
                Assert.Matches("^[23]", await later.SayAsync(line));
            }
        }

        var whole = (await proxy.JournalAsync(Sessions + 1))[^1];
        Assert.Equal(6, whole.GetProperty("exchanges").GetArrayLength());
        Assert.Single(whole.GetProperty("transactions").EnumerateArray());
        Assert.False(whole.TryGetProperty("exchanges_dropped", out _));
    }

    private static async Task FloodAsync(SecuredClient client)
    {
        var noops = new StringBuilder().Insert(0, "NOOP\r\n", Together).ToString();
        for (var said = 0; said < Noops; said += Together)
        {
            await client.SendAsync(noops);
            for (var n = 0; n < Together; n++)
            {
                Assert.StartsWith("250", await client.ReplyAsync(), StringComparison.Ordinal);
            }
        }
    }
}
