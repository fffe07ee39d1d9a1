using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Dashboards;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;
using Xunit.Abstractions;

namespace SmtpProxy.FunctionalTests.Memory;

/// <summary>The proxy in a heap of 64 MiB, whose runtime ends it when it needs more, under clients that make it
/// hold as much as they can.</summary>
[Collection(nameof(Crowded))]
public sealed class SmallHeapTests(ITestOutputHelper output) : IDisposable
{
    private const int Clients = 400;

    /// <summary>No line is read behind the answers that it draws; no message ends; the record of no session does.</summary>
    private static readonly byte[] Noops = Repeat("NOOP\r\n", 10_900);
    private static readonly byte[] Empty = Repeat("\r\n", 32_000);
    private static readonly byte[] Recipients = Repeat($"RCPT TO:<{new string('r', 200)}@example.org>\r\n", 300);
    private static readonly byte[] Mails = Repeat($"MAIL FROM:<{new string('m', 200)}@example.org>\r\nRSET\r\n", 300);

    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [SkippableTheory]
    [InlineData("epoll", "noops")]
    [InlineData("portable", "noops")]
    [InlineData("epoll", "empty")]
    [InlineData("portable", "empty")]
    [InlineData("epoll", "recipients")]
    [InlineData("portable", "recipients")]
    [InlineData("epoll", "mails")]
    [InlineData("portable", "mails")]
    [InlineData("epoll", "tls")]
    [InlineData("portable", "tls")]
    [InlineData("epoll", "sink")]
    [InlineData("portable", "sink")]
    public async Task Clients_ThatFillTheMemory_AreBounded_AndOthersAreServedAgain(string transport, string attack)
    {
        string[] tls = attack == "tls"
            ? ["--SmtpProxy:Listeners:inbound:Tls:Mode=StartTls", "--SmtpProxy:Listeners:inbound:Tls:Require=true",
                "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None", .. _made.Good().Arguments("inbound")]
            : [];
        await using var relay = new YesRelay();
        await using var proxy = await ProxyProcess.StartAsync(static _ => { },
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x4000000" },
            [.. attack == "sink" ? (string[])[] : ["--relay", relay.Address], $"--SmtpProxy:Transport={transport}", "--addresses", "full",
                .. tls]);
        var memory = new ProcessMemory(proxy);
        memory.Require(2 * Clients);
        var before = memory.Resident;
        var attackers = new List<Socket>();
        try
        {
            for (var n = 0; n < Clients; n++)
            {
                attackers.Add(await AttackAsync(proxy, attack));
            }

            for (var round = 0; round < 20; round++)
            {
                foreach (var attacker in attackers)
                {
                    Push(attacker, Ammunition(attack));
                    if (attack is "recipients" or "mails" or "sink")
                    {
                        Swallow(attacker);
                    }
                }
            }

            output.WriteLine($"{transport} {attack}: {before >> 20} MiB before, {memory.PeakResident >> 20} MiB at the peak");
            using var http = new HttpClient { BaseAddress = proxy.Admin, Timeout = ProxyProcess.Patience };
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).StatusCode);
        }
        finally
        {
            attackers.ForEach(static socket => socket.Dispose());
        }

        await Eventually.Async(async () =>
        {
            try
            {
                var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
                using (client)
                {
                    return greeting.StartsWith("220 ", StringComparison.Ordinal) && await client.SayAsync("RSET") is ['2' or '5', ..];
                }
            }
            catch (IOException)
            {
                // Turned away, and one of too many to be waited for.
                return false;
            }
        }, "nobody is served again");
        var metrics = await Metrics.ReadAsync(proxy);
        output.WriteLine(string.Join('\n', metrics.Text.Split('\n')
            .Where(static line => line.StartsWith("smtpproxy_limits_hit", StringComparison.Ordinal))));
        output.WriteLine(string.Join('\n', proxy.Errors.SoFar.Where(static line => !line.Contains(" info: ", StringComparison.Ordinal))
            .Take(5)));
        Assert.DoesNotContain("OutOfMemory", proxy.Errors.Text, StringComparison.Ordinal);
    }

    private static byte[] Ammunition(string attack) =>
        attack switch { "noops" => Noops, "recipients" or "sink" => Recipients, "mails" => Mails, _ => Empty };

    private static async Task<Socket> AttackAsync(ProxyProcess proxy, string attack)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy.Listener()).WaitAsync(ProxyProcess.Patience);
        if (attack == "tls")
        {
            // A handshake that begins and does not end.
            Push(socket, "EHLO x\r\nSTARTTLS\r\n"u8.ToArray());
            await Task.Yield();
        }
        else
        {
            Push(socket, Encoding.ASCII.GetBytes($"EHLO x\r\nMAIL FROM:<a@example.org>\r\n"));
            Push(socket, Ammunition(attack));
        }

        return socket;
    }

    /// <summary>What there is room for.</summary>
    private static void Push(Socket socket, byte[] octets)
    {
        socket.Blocking = false;
        socket.Send(octets, SocketFlags.None, out _);
    }

    private static void Swallow(Socket socket)
    {
        var rest = new byte[64 * 1024];
        while (socket.Receive(rest, 0, rest.Length, SocketFlags.None, out var error) > 0 && error == SocketError.Success)
        {
        }
    }

    private static byte[] Repeat(string line, int times) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(line, times)));
}
