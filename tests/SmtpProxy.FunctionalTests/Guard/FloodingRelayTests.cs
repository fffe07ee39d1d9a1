using System.Net;
using System.Net.Http.Json;
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
        var stream = await SendAsync(client, proxy, hello);
        var sent = await relay.Stalled.WaitAsync(ProxyProcess.Patience);
        await ServedAsync(proxy, hello);
        Assert.InRange(sent, 1, FloodingRelay.Offered - 1);
        Assert.InRange(memory.PeakResident - before, 0, 24 * MiB);

        // All that was taken arrives, once it is read.
        await FloodingRelay.ReadAsync(stream, sent);
        client.Client.Close(0);
        await Eventually.Async(async () => (await Metrics.ReadAsync(proxy))
            .Sum("smtpproxy_anomalies_total", ("smtpproxy_anomaly", "unsolicited-reply")) > 0, "unsolicited replies are not counted");
    }

    /// <summary>What is held is the first verdict: nobody asked for those behind it.</summary>
    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Verdicts_BehindOneThatAFaultHolds_AreNotTaken_UntilItGoesOn(string transport)
    {
        await using var relay = new FloodingRelay();
        await using var proxy = await ProxyProcess.StartAloneAsync("--faults", "--relay", relay.Address,
            $"--SmtpProxy:Transport={transport}", "--SmtpProxy:Faults:Rules:held:At=endOfData",
            "--SmtpProxy:Faults:Rules:held:Action:Type=delay", "--SmtpProxy:Faults:Rules:held:Action:Duration=00:05:00");
        var memory = new ProcessMemory(proxy);
        memory.Require(100);
        await ServedAsync(proxy, "EHLO");
        var before = memory.Resident;
        memory.ForgetPeak();
        using var client = new TcpClient();
        var stream = await SendAsync(client, proxy, "EHLO");
        var sent = await relay.Stalled.WaitAsync(ProxyProcess.Patience);
        await ServedAsync(proxy, "EHLO");
        Assert.InRange(sent, 1, FloodingRelay.Offered - 1);
        Assert.InRange(memory.PeakResident - before, 0, 24 * MiB);
        Assert.Equal(0, client.Available);

        using var http = new HttpClient { BaseAddress = proxy.Admin };
        using var halted = await http.PostAsJsonAsync("/api/v1/faults/halt", new { reason = "enough" });
        Assert.Equal(HttpStatusCode.OK, halted.StatusCode);
        await FloodingRelay.ReadAsync(stream, sent);
    }

    /// <summary>A message, up to its final dot.</summary>
    private static async Task<NetworkStream> SendAsync(TcpClient client, ProxyProcess proxy, string hello)
    {
        await client.ConnectAsync(proxy.Listener());
        var stream = client.GetStream();
        using var lines = new StreamReader(stream, Encoding.Latin1, bufferSize: 128, leaveOpen: true);
        foreach (var line in (string[])["", $"{hello} x\r\n", "MAIL FROM:<a@example.org>\r\n", "RCPT TO:<b@example.net>\r\n", "DATA\r\n"])
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line));
            Assert.NotNull(await lines.ReadLineAsync().WaitAsync(ProxyProcess.Patience));
        }

        await stream.WriteAsync("Subject: x\r\n\r\nx\r\n.\r\n"u8.ToArray());
        return stream;
    }

    private static async Task ServedAsync(ProxyProcess proxy, string hello)
    {
        await using var honest = await SecuredClient.ConnectAsync(proxy.Listener());
        Assert.StartsWith("250", await honest.SayAsync($"{hello} honest.example"), StringComparison.Ordinal);
        Assert.StartsWith("221", await honest.SayAsync("QUIT"), StringComparison.Ordinal);
    }
}
