using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>A relay to which a CR or a NUL alone ends a line, and that believes XCLIENT, is told no XCLIENT by a client,
/// whichever way that comes.</summary>
public sealed class LaxRelayTests : IDisposable
{
    private const string Listener = "--SmtpProxy:Listeners:inbound";
    private const string Cluster = "--ReverseProxy:Clusters:relays:Metadata";
    private const string Forged = "XCLIENT ADDR=203.0.113.66\r\n";
    private static readonly string[] _transports = ["epoll", "portable"];
    private static readonly string[] _ways =
    [
        "plain", "ipv6", "unix", "proxy", "introduced", "none", "implicit", "implicit ipv6", "implicit unix", "starttls", "starttls ipv6",
        "starttls unix", "onwards", "fail-over",
    ];

    private static readonly string[] _attacks =
    [
        $"NOOP\r{Forged}", $"NOOP\0{Forged}", $"NOOP\r \0x{Forged[1..]}", $"\u0016\r\n{Forged}", "NOOP\r|XCLI|ENT| |ADDR=203.0.113.66\r\n",
        $"\u0016\u0003\u0001|\r\n{Forged}",
        $"BDAT 5x\r\nabcde{Forged}", $"AUTH LOGIN\r\nYWJj\r{Forged}",
        $"\u0016\r\n{string.Concat(Enumerable.Repeat("NOOP\r\n", 20_000))}BDAT 3\r\nabc{Forged}",
    ];

    private readonly TestCertificates _made = new();

    public static IEnumerable<object[]> Ways =>
        _transports.SelectMany(static _ => _ways, static (transport, way) => (object[])[transport, way]);

    public void Dispose() => _made.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Client_ThatSpeaksForAnother_IsNotHeard(string transport, string way)
    {
        await using var relay = new RecordingRelay(_made.Good().Load(), isLax: true);
        var socket = Path.Combine(Path.GetTempPath(), $"lax-{Guid.NewGuid():N}.sock");
        await using var proxy = await ProxyProcess.StartAsync(
        [
            "--listen", way.EndsWith("ipv6", StringComparison.Ordinal)
                ? "[::1]:0" : way.EndsWith("unix", StringComparison.Ordinal) ? $"unix:{socket}" : "127.0.0.1:0",
            .. way == "fail-over" ? new[]
                { "--relay", $"smtp://{Nobody()}", $"--ReverseProxy:Clusters:relays:LoadBalancingPolicy=FirstAlphabetical" } : [],
            "--relay", relay.Address, $"--SmtpProxy:Transport={transport}", .. Tls(way),
            .. way is "proxy" or "introduced"
            ? [$"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8"] : Array.Empty<string>(),
            .. way == "introduced" ? [$"{Cluster}:Smtp.XClient=true"] : Array.Empty<string>(),
        ]);
        foreach (var attack in _attacks)
        {
            using var tcp = way.EndsWith("unix", StringComparison.Ordinal)
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(SocketType.Stream, ProtocolType.Tcp);
            await tcp.ConnectAsync(way.EndsWith("unix", StringComparison.Ordinal)
                ? new UnixDomainSocketEndPoint(socket) : proxy.Listener());
            using var caller = new Caller(new NetworkStream(tcp, ownsSocket: false));
            await AttackAsync(tcp, caller, way, attack);
        }

        await proxy.JournalAsync(_attacks.Length);
        Assert.NotEmpty(relay.Heard);
        Assert.DoesNotContain(relay.Heard, static line => line.Contains("203.0.113.66", StringComparison.Ordinal));
    }

    private static async Task AttackAsync(Socket tcp, Caller caller, string way, string attack)
    {
        if (way is "proxy" or "introduced")
        {
            var client = new IPEndPoint(IPAddress.Parse("198.51.100.9"), 4711);
            await caller.SendAsync(ProxyHeaderWriter.For(ProxyVersion.V2, client, new IPEndPoint(client.Address, 25)));
        }

        if (way.StartsWith("implicit", StringComparison.Ordinal))
        {
            await caller.SecureAsync();
        }

        Assert.StartsWith("220", await caller.ReplyAsync(), StringComparison.Ordinal);
        if (way.StartsWith("starttls", StringComparison.Ordinal) || way == "onwards")
        {
            Assert.StartsWith("220", await caller.SayAsync("STARTTLS\r\n"), StringComparison.Ordinal);
            await caller.SecureAsync();
        }

        // It reads while it writes: 20,000 replies fill what lies between.
        var reading = caller.RestAsync();
        try
        {
            foreach (var piece in attack.Split('|'))
            {
                await caller.SendAsync(Encoding.Latin1.GetBytes(piece));
                await Task.Yield();
            }

            await caller.EndAsync(tcp);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The session has ended before all was said.
        }

        await reading;
    }

    /// <summary>An address at which nobody listens.</summary>
    private static IPEndPoint Nobody()
    {
        using var taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)taken.LocalEndPoint!;
    }

    private string[] Tls(string way) => way.Split(' ')[0] switch
    {
        "implicit" => [$"{Listener}:Tls:Mode=Implicit", $"{Cluster}:Smtp.Tls=None", .. _made.Good().Arguments("inbound")],
        "starttls" => [$"{Listener}:Tls:Mode=StartTls", $"{Listener}:Tls:Require=true", $"{Cluster}:Smtp.Tls=None",
            .. _made.Good().Arguments("inbound")],
        "onwards" => [$"{Listener}:Tls:Mode=StartTls", $"{Cluster}:Smtp.Tls=Required", $"{Cluster}:Smtp.TlsVerify=None",
            .. _made.Good().Arguments("inbound")],
        "none" => [$"{Listener}:Tls:Mode=None"],
        _ => [],
    };
}
