using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>Where TLS is required, nothing that cannot be followed passes in the clear.</summary>
public sealed class RequireTests(RequiringProxies proxies) : IClassFixture<RequiringProxies>
{
    private const string Secret = "AUTH PLAIN AGEAYg==\r\nMAIL FROM:<me@example.org>\r\n";
    private static readonly string[] _transports = ["epoll", "portable"];

    public static IEnumerable<object[]> Attacks => _transports.SelectMany(static _ => (string[])
        [
            "\u0016\r\n",
            "\u0016\u0003\u0001\0\u00c8\u0001\0\0\u00c4\u0003\u0003\r\n",
            "EHLO c\r\n\u0016\u0003\u0001\r\n",
            string.Concat(Enumerable.Repeat("NOOP\r\n", 20_000)),
            string.Concat(Enumerable.Repeat("\n", 20_000)),
            "DATA\r\n", "AUTH LOGIN\r\n", "TURN\r\n", "BDAT 7\r\nabcdefg", "BDAT 0 LAST\r\n", "BDAT x\r\n",
            "EHLO c\rAUTH PLAIN AGEAYg==\r\n", "NOOP\0\r\n",
            "NOOP " + new string('x', 5_000) + "\r\n", new string('x', 5_000) + "\n", "\u0080\u00ff\0\u0001\r\n", "MAIL FROM:<a@b>\n",
            "\vSTARTTLS\r\n",
        ],
        static (transport, attack) => (object[])[transport, Convert.ToBase64String(Encoding.Latin1.GetBytes(attack))]);

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Client_WithoutTls_SaysNothingToTheRelay_ThatCouldBeMailOrASecret(string transport, string attack)
    {
        var (relay, proxy) = await proxies.OfAsync(transport);
        var before = proxy.Output.SoFar.Count(static line => line.StartsWith('{'));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(proxy.Listener());
        using var caller = new Caller(tcp.GetStream());
        Assert.StartsWith("220 ", await caller.ReplyAsync(), StringComparison.Ordinal);
        var said = Encoding.Latin1.GetString(Convert.FromBase64String(attack));
        // It reads while it writes: 20,000 replies fill what lies between.
        var reading = caller.RestAsync();
        await Ignoring(async () =>
        {
            await caller.SendAsync(said + Secret);
            tcp.Client.Shutdown(SocketShutdown.Send);
        });
        var heard = await reading;
        await proxy.JournalAsync(before + 1);
        // Who goes on talking when the session ends is reset, and may lose the last reply to that.
        var isTalking = said.Length > 64 * 1024;
        Assert.True(heard.Contains("530 5.7.0", StringComparison.Ordinal) || heard.Contains("421 4.7.0", StringComparison.Ordinal)
            || said[0] == '\u0016' || isTalking, heard);
        Assert.DoesNotContain(relay.Heard, static line =>
            !line.StartsWith("c:EHLO c", StringComparison.Ordinal) && line != "c:NOOP");
        Assert.DoesNotContain(relay.Heard, static line => line.Contains("AUTH", StringComparison.Ordinal)
            || line.Contains("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("epoll", "220 mx\r\n250 surplus\r\n")]
    [InlineData("portable", "220 mx\r\n250 surplus\r\n")]
    [InlineData("epoll", "SSH-2.0-x\r\n")]
    [InlineData("epoll", "\u0016\u0003\u0003\0\u0002\u0002\u0028")]
    public async Task Relay_WhoseWordsCannotBeFollowed_EndsTheSession_AndHearsNothing(string transport, string nonsense)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await proxies.StartAsync($"smtp://{relay.LocalEndpoint}", transport);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(proxy.Listener());
        using var behind = await relay.AcceptTcpClientAsync().WaitAsync(ProxyProcess.Patience);
        await behind.GetStream().WriteAsync(Encoding.Latin1.GetBytes(nonsense));
        using var caller = new Caller(tcp.GetStream());
        // Both ends are told: neither waits for the other.
        var heard = await caller.RestAsync();
        Assert.EndsWith(nonsense[^1] == '\n'
            ? "421 4.7.0 TLS is required, and it did not begin as it should, closing the connection\r\n"
            : nonsense, heard, StringComparison.Ordinal);
        await Ignoring(() => caller.SendAsync(Secret));
        tcp.Client.Shutdown(SocketShutdown.Send);
        using var toRelay = new Caller(behind.GetStream());
        Assert.Equal("", await toRelay.RestAsync());
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("refused", record.GetProperty("outcome").GetString());
        Assert.Equal(1, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "tls_required")));
    }

    /// <summary>The other side may end before all is said.</summary>
    private static async Task Ignoring(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // It ended.
        }
    }
}
