using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Faults;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Ends;

/// <summary>Clients that go while they wait for the verdict on their message, and relays that give it all the same (RFC 1047).</summary>
public sealed class LateVerdictTests
{
    private const string AtRisk = "smtpproxy_transactions_at_risk_total";

    public static TheoryData<string, bool> Ways
    {
        get
        {
            var ways = new TheoryData<string, bool>();
            foreach (var transport in OperatingSystem.IsLinux() ? (string[])["Epoll", "Portable"] : ["Portable"])
            {
                ways.Add(transport, false);
                ways.Add(transport, true);
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Verdict_AfterTheClientHasClosed_PutsTheMessageAtRisk_AndAfterAHalfCloseItDoesNot(string transport,
        bool areFaultsArmed)
    {
        using var made = new TestCertificates();
        await using var relay = new LateRelay();
        await using var proxy = await FaultedProxy.StartAsync(
            [$"--SmtpProxy:Transport={transport}", "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0",
                "--SmtpProxy:Listeners:secure:Address=127.0.0.1:0",
             "--SmtpProxy:Listeners:inbound:Cluster=relays", "--SmtpProxy:Listeners:secure:Cluster=relays",
             "--SmtpProxy:Listeners:inbound:Tls:Mode=None", "--SmtpProxy:Listeners:secure:Tls:Mode=StartTls",
             .. made.Good().Arguments("secure"), "--relay", relay.Address, "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None"]);
        if (areFaultsArmed)
        {
            await proxy.AskAsync("PUT", "rules/never",
                "{'ttl':'00:10:00','at':'endOfData','probability':0,'action':{'type':'rejectMessage'}}");
        }

        var process = proxy.Process;
        foreach (var (listener, at) in ((string, int)[])[("inbound", 0), ("secure", 1)])
        {
            // What arrives at a connection that was closed is refused by its kernel.
            relay.Verdict = "250 2.0.0 queued as 4711";
            await TalkAsync(process.Listener(listener), listener == "secure", static (socket, _) => Task.Run(socket.Close));
            await UntilAsync(process, m => m.Sum(AtRisk, ("smtpproxy_verdict", "accepted"), ("smtpproxy_listener", listener)) == 1);
            relay.Verdict = "550 5.7.1 no";
            await TalkAsync(process.Listener(listener), listener == "secure", static (socket, _) => Task.Run(socket.Close));
            await UntilAsync(process, m => m.Sum(AtRisk, ("smtpproxy_verdict", "refused"), ("smtpproxy_listener", listener)) == 1);

            // Who has shut down its own direction only reads on.
            relay.Verdict = "250 2.0.0 queued as 4712";
            await TalkAsync(process.Listener(listener), listener == "secure", static async (socket, stream) =>
            {
                socket.Shutdown(SocketShutdown.Send);
                using var reader = new StreamReader(stream, Encoding.Latin1);
                Assert.Equal("250 2.0.0 queued as 4712", await reader.ReadLineAsync());
            });
            await process.JournalAsync((at + 1) * 3);
        }

        var metrics = await Metrics.ReadAsync(process);
        Assert.Equal((4, 2, 2), (metrics.Sum(AtRisk), metrics.Sum(AtRisk, ("smtpproxy_verdict", "accepted")),
            metrics.Sum(AtRisk, ("smtpproxy_verdict", "refused"))));
    }

    private static async Task TalkAsync(IPEndPoint to, bool isTls, Func<Socket, Stream, Task> leave)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(to);
        Stream stream = client.GetStream();
        await SayAsync(stream, "");
        if (isTls)
        {
            await SayAsync(stream, "EHLO c");
            await SayAsync(stream, "STARTTLS");
            var tls = new SslStream(stream, leaveInnerStreamOpen: true, static (_, certificate, _, _) => certificate is not null);
            await tls.AuthenticateAsClientAsync("localhost");
            stream = tls;
        }

        foreach (var line in (string[])["HELO c", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "DATA"])
        {
            await SayAsync(stream, line);
        }

        await SayAsync(stream, "hi\r\n.", isAnswered: false);
        await leave(client.Client, stream);
    }

    /// <summary>Says a line and reads the reply, octet by octet: what comes after it is not ours to take.</summary>
    private static async Task SayAsync(Stream stream, string line, bool isAnswered = true)
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(line.Length == 0 ? "" : line + "\r\n"));
        var (reply, octet) = (new StringBuilder(), new byte[1]);
        while (isAnswered && await stream.ReadAsync(octet).AsTask().WaitAsync(ProxyProcess.Patience) == 1)
        {
            reply.Append((char)octet[0]);
            if (octet[0] == '\n')
            {
                isAnswered = reply.Length > 3 && reply[3] == '-';
                reply.Clear();
            }
        }
    }

    private static async Task UntilAsync(ProxyProcess proxy, Func<Metrics, bool> holds) =>
        await Eventually.Async(async () => holds(await Metrics.ReadAsync(proxy)), "it is not counted");
}
