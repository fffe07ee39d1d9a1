using System.Text;
using SmtpProxy.FunctionalTests.Transport;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Memory;

public sealed class LargeMessageTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const int MessageSize = 100 * MiB;

    /// <summary>What a message of any size may add at its peak: the buffers of one session, and the runtime's own ups and downs.</summary>
    private const int Peak = 24 * MiB;

    private static readonly byte[] _block =
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", MiB / 64)));

    public static IEnumerable<object[]> All =>
        Transports.Names.SelectMany(_ => (string[])["DATA", "BDAT"], (transport, verb) => (object[])[transport, verb]);

    [SkippableTheory]
    [MemberData(nameof(All))]
    public async Task Message_OfAHundredMegabytes_PassesInPieces(string transport, string verb)
    {
        await using var pairs = await ProxiedPairs.Start(transport, descriptors: 200);
        await Transfer(pairs, verb, MiB);
        var before = pairs.Memory.Resident;
        pairs.Memory.ForgetPeak();
        await Transfer(pairs, verb, MessageSize);

        var peak = pairs.Memory.PeakResident;
        output.WriteLine($"{transport} {verb}: {before / 1024} KiB, at the peak {peak / 1024} KiB");
        Assert.InRange(peak - before, 0, Peak);
        var transaction = (await pairs.Proxy.JournalAsync(2))[1].GetProperty("transactions")[0];
        Assert.Equal(MessageSize, transaction.GetProperty("wire_octets").GetInt64());
        Assert.Equal("delivered", transaction.GetProperty("outcome").GetString());
    }

    private static async Task Transfer(ProxiedPairs pairs, string verb, int size)
    {
        var (client, relay) = await pairs.Open();
        var start = verb == "DATA" ? "DATA\r\n" : $"BDAT {size} LAST\r\n";
        await Ask(client, relay, "EHLO c\r\n", "250-relay\r\n250 CHUNKING\r\n");
        await Ask(client, relay, "MAIL FROM:<a@x>\r\n", "250 ok\r\n");
        await Ask(client, relay, "RCPT TO:<b@x>\r\n", "250 ok\r\n");
        if (verb == "DATA")
        {
            await Ask(client, relay, start, "354 go ahead\r\n");
        }
        else
        {
            await client.Says(start);
            await relay.Hears(start);
        }

        var sending = Send(client, size);
        for (var left = size; left > 0; left -= _block.Length)
        {
            Assert.Equal(_block, await relay.Read(_block.Length));
        }

        await sending;
        if (verb == "DATA")
        {
            await client.Says(".\r\n");
            await relay.Hears(".\r\n");
        }

        await relay.Says("250 ok\r\n");
        await client.Hears("250 ok\r\n");
        await Ask(client, relay, "QUIT\r\n", "221 bye\r\n");
        client.Dispose();
        relay.Dispose();
    }

    private static async Task Send(Peer client, int size)
    {
        for (var left = size; left > 0; left -= _block.Length)
        {
            await client.Says(_block);
        }
    }

    private static async Task Ask(Peer client, Peer relay, string command, string reply)
    {
        await client.Says(command);
        await relay.Hears(command);
        await relay.Says(reply);
        await client.Hears(reply);
    }
}
