using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Costs;

/// <summary>What is made when a session is refused for the first time is made on its loop, while nobody else there is served.</summary>
public sealed class FirstRefusalTests
{
    /// <summary>Octets, of which reading the metrics allocates most. The patterns of texts were 109 MB when they were made then.</summary>
    private const double Most = 16 * 1024 * 1024;

    [SkippableTheory]
    [InlineData("Epoll")]
    [InlineData("Portable")]
    public async Task Refusal_FirstOfAProcess_IsDiagnosedByItsText_AndMakesLittle(string transport)
    {
        await using var relay = new TalkingRelay(static line => line.StartsWith("RCPT", StringComparison.Ordinal)
            ? "550 <b@example.net>: user unknown" : TalkingRelay.Yes(line));
        // In a heap of 64 MiB there was no room for them at all.
        await using var proxy = await ProxyProcess.StartAsync(static _ => { },
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x4000000" },
            ["--relay", relay.Address, $"--SmtpProxy:Transport={transport}", "--journal", "-"]);
        await TalkAsync(proxy, "EHLO a", "MAIL FROM:<a@example.org>", "QUIT");
        await AllocatedAsync(proxy);
        var before = await AllocatedAsync(proxy);

        await TalkAsync(proxy, "EHLO a", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "QUIT");
        var diagnosis = (await proxy.JournalAsync(2))[^1].GetProperty("diagnosis");
        Assert.Equal("recipient_unknown", diagnosis.GetProperty("code").GetString());
        Assert.InRange(await AllocatedAsync(proxy) - before, 0, Most);
    }

    private static async Task TalkAsync(ProxyProcess proxy, params string[] lines)
    {
        var (client, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            foreach (var line in lines)
            {
                Assert.NotNull(await client.SayAsync(line));
            }
        }
    }

    private static async Task<double> AllocatedAsync(ProxyProcess proxy) =>
        (await Metrics.ReadAsync(proxy)).Sum("dotnet_gc_heap_total_allocated_bytes_total");
}
