using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>What the journal says a relay took is what the relay itself measured, and what the client took is
/// not counted against it.</summary>
[Collection(nameof(Alone))]
public sealed class LatencyTests
{
    private const int Sessions = 40;
    private static readonly string[] Commands = ["EHLO c", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA", "text\r\n.", "QUIT"];

    [Fact]
    public async Task Latencies_OfARelayOfKnownDelays_AreTheRelaysOwn()
    {
        await using var relay = new DelayingRelay(static verb =>
            TimeSpan.FromMilliseconds(verb switch { "" => 10, "RCPT" => 25, "DATA" => 5, "." => 40, _ => 0 }));
        await using var proxy = await ProxyProcess.StartAloneAsync("--relay", $"smtp://127.0.0.1:{relay.Port}");

        // One after another: what a busy machine does to parallel sessions is not the subject.
        for (var n = 0; n < Sessions; n++)
        {
            await TalkAsync(proxy);
        }

        var (off, relays) = (new List<double>(), new List<double>());
        foreach (var record in await proxy.JournalAsync(Sessions))
        {
            var took = relay.Took[int.Parse(record.GetProperty("relay_local").GetString()!.Split(':')[^1],
                System.Globalization.CultureInfo.InvariantCulture)];
            var seen = Seen(record).ToArray();
            Assert.Equal(took.Select(static t => t.Verb), seen.Select(static s => s.Verb));
            off.AddRange(took.Zip(seen, static (t, s) => Math.Abs(t.Ms - s.Ms)));
            Assert.Equal(
                record.GetProperty("duration_ms").GetDouble(),
                record.GetProperty("client_ms").GetDouble() + record.GetProperty("relay_ms").GetDouble()
                    + record.GetProperty("proxy_ms").GetDouble(),
                0.01);
            relays.Add(record.GetProperty("relay_ms").GetDouble());
            // DATA's wait is in data_ready, and so is what the client thought in between.
            var dataReady = record.GetProperty("transactions")[0].GetProperty("data_ready_ms").GetDouble();
            Assert.True(dataReady >= seen.Where(static s => s.Verb is "EHLO" or "MAIL" or "RCPT" or "DATA").Sum(static s => s.Ms) - 0.01,
                record.ToString());
        }

        // A median is what a shared machine cannot spoil; single values may be delayed by whatever else runs.
        off.Sort();
        relays.Sort();
        // The delays are the relay's alone: 80 ms in all.
        Assert.True(relays[relays.Count / 2] >= 80, $"the median of what is the relay's is {relays[relays.Count / 2]:0.000} ms");
        Assert.True(off[off.Count / 2] < 3,
            $"the median of what the journal is off is {off[off.Count / 2]:0.000} ms, p99 {off[off.Count * 99 / 100]:0.000} ms");
    }

    private static IEnumerable<(string Verb, double Ms)> Seen(JsonElement record) =>
    [
        ("", record.GetProperty("greeting").GetProperty("ms").GetDouble()),
        .. record.GetProperty("exchanges").EnumerateArray()
        .Select(static e => (e.GetProperty("verb").GetString()!, e.GetProperty("ms").GetDouble())),
    ];

    private static async Task TalkAsync(ProxyProcess proxy)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(proxy.Listener());
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        await reader.ReadLineAsync();
        foreach (var command in Commands)
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
            Assert.NotNull(await reader.ReadLineAsync());
        }
    }
}
