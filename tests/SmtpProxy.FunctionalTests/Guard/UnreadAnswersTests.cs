using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Memory;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;
using SmtpProxy.FunctionalTests.Transport;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>A client that makes the proxy speak and does not listen.</summary>
public sealed class UnreadAnswersTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const int Offered = 33 * MiB;
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task EmptyLines_WithoutEnd_AreNotRead_WhileTheirAnswersAreNot_AndOthersAreServed(string transport)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await ProxyProcess.StartAloneAsync(
        [
            "--relay", relay.Address, $"--SmtpProxy:Transport={transport}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None",
            "--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", "--SmtpProxy:Listeners:inbound:Tls:Require=true",
            .. _made.Good().Arguments("inbound"),
        ]);
        var memory = new ProcessMemory(proxy);
        memory.Require(100);
        await using (var first = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            await first.SayAsync("QUIT");
        }

        var before = memory.Resident;
        memory.ForgetPeak();
        using var attacker = new TcpClient();
        await attacker.ConnectAsync(proxy.Listener());
        var sent = 0;
        var lines = new byte[64 * 1024];
        lines.AsSpan().Fill((byte)'\n');
        var socket = attacker.Client;
        socket.Blocking = false;
        // What is not taken for a second is not taken: had it been chance, less would be under way.
        while (sent < Offered && socket.Poll(TimeSpan.FromSeconds(1), SelectMode.SelectWrite))
        {
            sent += socket.Send(lines, SocketFlags.None);
        }

        await using (var honest = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            Assert.StartsWith("250", await honest.SayAsync("EHLO honest.example"), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await honest.SayAsync("NOOP"), StringComparison.Ordinal);
            Assert.StartsWith("221 ", await honest.SayAsync("QUIT"), StringComparison.Ordinal);
        }

        var peak = memory.PeakResident;
        output.WriteLine($"{transport}: {sent / 1024} KiB of lines taken, {before / 1024} KiB before, {peak / 1024} KiB at the peak");
        Assert.InRange(peak - before, 0, 24 * MiB);
        Assert.InRange(sent, 1, Offered - 1);
    }
}
