using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Memory;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>A relay that answers a message with verdicts without end, to a client that reads none: what waits is bounded, others are
/// served, it is counted, and nothing that was taken is lost.</summary>
public sealed class FloodingRelayTests
{
    private const int MiB = 1024 * 1024;
    private const int Offered = 64 * MiB;

    [SkippableTheory]
    [InlineData("epoll", "LHLO")]
    [InlineData("portable", "LHLO")]
    [InlineData("epoll", "EHLO")]
    [InlineData("portable", "EHLO")]
    public async Task Verdicts_WithoutEnd_AreNotTaken_WhileTheClientReadsNone(string transport, string hello)
    {
        await using var relay = new FloodingRelay();
        await using var proxy = await ProxyProcess.StartAloneAsync("--relay", relay.Address, $"--SmtpProxy:Transport={transport}");
        var memory = new ProcessMemory(proxy);
        memory.Require(100);
        await ServedAsync(proxy, hello);
        var before = memory.Resident;
        memory.ForgetPeak();
        using var client = new TcpClient();
        await client.ConnectAsync(proxy.Listener());
        var stream = client.GetStream();
        using var lines = new StreamReader(stream, Encoding.Latin1, bufferSize: 128);
        foreach (var line in (string[])["", $"{hello} x\r\n", "MAIL FROM:<a@example.org>\r\n", "RCPT TO:<b@example.net>\r\n", "DATA\r\n"])
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line));
            Assert.NotNull(await lines.ReadLineAsync().WaitAsync(ProxyProcess.Patience));
        }

        await stream.WriteAsync("Subject: x\r\n\r\nx\r\n.\r\n"u8.ToArray());
        var sent = await relay.Stalled.WaitAsync(ProxyProcess.Patience);
        await ServedAsync(proxy, hello);
        Assert.InRange(sent, 1, Offered - 1);
        Assert.InRange(memory.PeakResident - before, 0, 24 * MiB);

        // All that was taken arrives, once it is read.
        var (octets, at) = (new byte[sent], 0);
        await stream.ReadExactlyAsync(octets).AsTask().WaitAsync(ProxyProcess.Patience);
        Assert.Equal(-1, Array.FindIndex(octets, 0, octet => octet != FloodingRelay.Verdict[at++ % FloodingRelay.Verdict.Length]));
        client.Client.Close(0);
        await Eventually.Async(async () => (await Metrics.ReadAsync(proxy))
            .Sum("smtpproxy_anomalies_total", ("smtpproxy_anomaly", "unsolicited-reply")) > 0, "unsolicited replies are not counted");
    }

    private static async Task ServedAsync(ProxyProcess proxy, string hello)
    {
        await using var honest = await SecuredClient.ConnectAsync(proxy.Listener());
        Assert.StartsWith("250", await honest.SayAsync($"{hello} honest.example"), StringComparison.Ordinal);
        Assert.StartsWith("221", await honest.SayAsync("QUIT"), StringComparison.Ordinal);
    }

    private sealed class FloodingRelay : TestRelay
    {
        public static readonly byte[] Verdict = "250 2.0.0 taken\r\n"u8.ToArray();
        private readonly TaskCompletionSource<int> _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public FloodingRelay() => Start();

        /// <summary>Octets of verdicts that were taken, once no more are.</summary>
        public Task<int> Stalled => _stalled.Task;

        protected override async Task ServeAsync(TcpClient client)
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var inBody = false;
            for (var line = ""; line is not null; line = await reader.ReadLineAsync())
            {
                if (line == ".")
                {
                    _stalled.SetResult(await Task.Run(() => Flood(client.Client)));
                    inBody = false;
                }
                else if (!inBody)
                {
                    inBody = line == "DATA";
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(TalkingRelay.Yes(line) + "\r\n"));
                }
            }
        }

        /// <summary>Verdicts, until none is taken for a second, or too many were.</summary>
        private static int Flood(Socket socket)
        {
            socket.Blocking = false;
            byte[] many = [.. Enumerable.Repeat(Verdict, 1000).SelectMany(static v => v)];
            var sent = 0;
            while (sent < Offered && socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectWrite))
            {
                sent += socket.Send(many.AsSpan(sent % Verdict.Length), SocketFlags.None);
            }

            return sent;
        }
    }
}
