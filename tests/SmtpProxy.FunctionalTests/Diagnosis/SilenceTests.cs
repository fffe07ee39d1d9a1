using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>Somebody falls silent, and a limit of the proxy ends it: what is said of it depends on who, and where.</summary>
public sealed class SilenceTests
{
    private static readonly (string Diagnosis, string[] Lines)[] Silences =
    [
        ("no_greeting", []),
        ("client_timeout", [.. Script.Greeted]),
        ("relay_timeout", [.. Script.Sender, "C: RCPT TO:<b@example.net>"]),
        ("no_354", [.. Script.Envelope, "C: DATA"]),
        ("client_timeout", [.. Script.Body, "C: Subject: x"]),
        ("nonstandard_end_of_data", [.. Script.Body, "C- x\n.\n"]),
        ("final_reply_missing", [.. Script.Body, "C: ."]),
    ];

    [Fact]
    public async Task Silence_UntilALimit_IsDiagnosedByWhoAndWhere()
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync(["--relay", $"smtp://{relay.LocalEndpoint}",
            .. from limit in (string[])["Greeting", "Reply", "DataReply", "FinalReply", "ClientIdle", "DataBlock"]
                select $"--SmtpProxy:Limits:{limit}=00:00:02"]);
        List<Task> sessions = [];
        foreach (var (_, lines) in Silences)
        {
            var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await client.ConnectAsync(proxy.Listener());
            sessions.Add(PlayAsync(client, await relay.AcceptSocketAsync(), lines));
        }

        await Task.WhenAll(sessions).WaitAsync(ProxyProcess.Patience);

        var journal = await proxy.JournalAsync(Silences.Length);
        Assert.Equal(Silences.Select(static s => s.Diagnosis).Order(),
            journal.Select(static j => j.GetProperty("diagnosis").GetProperty("code").GetString()!).Order());
        Assert.All(journal, static j => Assert.Equal("timeout", j.GetProperty("outcome").GetString()));
        Assert.All(journal, static j =>
            Assert.Contains("silence", j.GetProperty("diagnosis").GetProperty("evidence").GetProperty("ended_by").GetString(),
                StringComparison.Ordinal));
    }

    /// <summary>Says the lines in turn, and then waits until the proxy has had enough.</summary>
    private static async Task PlayAsync(Socket client, Socket relay, string[] lines)
    {
        using (client)
        using (relay)
        {
            foreach (var line in lines)
            {
                var (from, to) = line[0] == 'C' ? (client, relay) : (relay, client);
                var octets = Encoding.Latin1.GetBytes(line[3..] + (line[1] == '-' ? "" : "\r\n"));
                await from.SendAsync(octets);
                for (var received = 0; received < octets.Length;)
                {
                    received += await to.ReceiveAsync(new byte[octets.Length - received]);
                }
            }

            var buffer = new byte[512];
            while (await client.ReceiveAsync(buffer) > 0)
            {
            }
        }
    }
}
