using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>A thousand messages, twenty at a time, through the proxy to Postfix's smtp-sink: what it counts, what the journal says and what
/// <c>/metrics</c> says are one number.</summary>
public sealed partial class SmtpSourceTests
{
    private const int Messages = 1000;
    private const int Parallel = 20;

    public static TheoryData<string> Transports => ["Epoll", "Portable"];

    [SkippableTheory]
    [MemberData(nameof(Transports))]
    public async Task SmtpSource_ManyMessages_AreCountedAlikeByAll(string transport)
    {
        Skip.If(transport == "Epoll" && !OperatingSystem.IsLinux(), "epoll is Linux's");
        var source = PeerTool.Require("smtp-source");
        using var sink = SmtpSink.Start();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://127.0.0.1:{sink.Port}",
            $"--SmtpProxy:Transport={transport}");

        await Command.SucceedAsync(source,
            ["-m", $"{Messages}", "-s", $"{Parallel}", "-l", "2000", "-f", "a@test.example", "-t", "b@test.example",
                $"{proxy.Listener().Address}:{proxy.Listener().Port}"]);

        await AssertCountsAsync(proxy, sink, sessions: Messages);
    }

    [SkippableFact]
    public async Task PipeliningClients_ManyMessages_AreCountedAlikeByAll()
    {
        using var sink = SmtpSink.Start();
        await using var proxy = await ProxyProcess.StartAsync("--relay", $"smtp://127.0.0.1:{sink.Port}");

        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => PipelineAsync(proxy.Listener(), Messages / Parallel)));

        await AssertCountsAsync(proxy, sink, sessions: Parallel);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(0, metrics.Sum("smtpproxy_anomalies_total"));
    }

    private static async Task AssertCountsAsync(ProxyProcess proxy, SmtpSink sink, int sessions)
    {
        var records = await proxy.JournalAsync(sessions);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(Messages, records.Sum(static r => r.GetProperty("transactions").EnumerateArray()
            .Count(static t => t.GetProperty("outcome").GetString() == "delivered")));
        Assert.Equal(Messages, metrics.Sum("smtpproxy_transactions_total", ("smtpproxy_outcome", "accepted")));
        Assert.Equal(Messages, metrics.Sum("smtpproxy_replies_total", ("smtp_operation_name", "end_of_data"),
            ("smtp_response_status_code", "250")));
        Assert.Equal(Messages, metrics.Sum("smtpproxy_message_size_bytes_count"));
        Assert.Equal(sessions, metrics.Sum("smtpproxy_sessions_total", ("smtpproxy_outcome", "quit")));
        Assert.Equal(0, metrics.Sum("smtpproxy_active_sessions"));
        Assert.Equal(records.Sum(static r => r.GetProperty("client_octets").GetInt64()),
            metrics.Sum("smtpproxy_io_bytes_total", ("smtpproxy_leg", "client"), ("network_io_direction", "receive")));
        Assert.Equal(Messages, await sink.StopAsync());
    }

    /// <summary>Sends MAIL, RCPT and DATA in one write, and the next group behind each final dot.</summary>
    private static async Task PipelineAsync(IPEndPoint proxy, int messages)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(proxy);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        async Task SayAsync(string text) => await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));
        async Task HearAsync(string code)
        {
            string? line;
            do
            {
                line = await reader.ReadLineAsync();
                Assert.StartsWith(code, line, StringComparison.Ordinal);
            }
            while (line is [_, _, _, '-', ..]);
        }

        const string Envelope = "MAIL FROM:<a@test.example>\r\nRCPT TO:<b@test.example>\r\nDATA\r\n";
        await HearAsync("220");
        await SayAsync("EHLO client.test.example\r\n");
        await HearAsync("250");
        await SayAsync(Envelope);
        for (var n = 1; n <= messages; n++)
        {
            await HearAsync("250");
            await HearAsync("250");
            await HearAsync("354");
            await SayAsync("Subject: pipelined\r\n\r\n..\r\ntext\r\n.\r\n" + (n < messages ? Envelope : "QUIT\r\n"));
            await HearAsync("250");
        }

        await HearAsync("221");
        Assert.Null(await reader.ReadLineAsync());
    }

    /// <summary>Postfix's smtp-sink, counting.</summary>
    private sealed partial class SmtpSink : IDisposable
    {
        private readonly Process _process;
        private readonly Task<string> _printed;

        private SmtpSink(Process process, int port)
        {
            (_process, Port) = (process, port);
            _printed = process.StandardOutput.ReadToEndAsync();
        }

        public int Port { get; }

        public static SmtpSink Start()
        {
            var program = PeerTool.Require("smtp-sink");
            var port = FreePort.Next();
            string[] user = PeerTool.IsRootOnLinux ? ["-u", "nobody"] : [];
            var process = Process.Start(new ProcessStartInfo(program, [.. user, "-c", $"127.0.0.1:{port}", "200"])
                { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var sink = new SmtpSink(process, port);
            sink.AwaitListening();
            return sink;
        }

        /// <summary>Ends it; answers how many messages it took.</summary>
        public async Task<int> StopAsync()
        {
            _process.Kill();
            var counts = Count().Matches(await _printed);
            return int.Parse(counts[^1].Groups[1].Value, CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            _process.Dispose();
        }

        // The connection that asks is no message.
        private void AwaitListening()
        {
            for (var tries = 0; ; tries++)
            {
                try
                {
                    using var client = new TcpClient();
                    client.Connect(IPAddress.Loopback, Port);
                    return;
                }
                catch (SocketException) when (tries < 100)
                {
                    _process.WaitForExit(50);
                }
            }
        }

        [GeneratedRegex("mesg=\\s*(\\d+)")]
        private static partial Regex Count();
    }
}
