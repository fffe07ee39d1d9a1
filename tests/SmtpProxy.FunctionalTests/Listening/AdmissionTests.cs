using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Listening;

/// <summary>Who gets a session, and what those cost who do not, on the proxy as a process.</summary>
public sealed class AdmissionTests : IDisposable
{
    private const string Listener = "--SmtpProxy:Listeners:inbound";
    private const string Limits = "--SmtpProxy:Limits";
    private static readonly IPAddress Denied = IPAddress.Parse("127.0.0.9");
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Clients_OfADeniedNetworkThatDoNotClose_KeepNobodyOut(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}", $"{Limits}:MaxSessions=2",
            $"{Listener}:Deny={Denied}");
        var denied = new List<Socket>();
        for (var n = 0; n < 6; n++)
        {
            denied.Add(await ConnectAsync(proxy, Denied));
            Assert.StartsWith("554 5.7.1 ", await HearAsync(denied[^1]), StringComparison.Ordinal);
        }

        using var honest = await ConnectAsync(proxy);
        Assert.StartsWith("220 ", await HearAsync(honest), StringComparison.Ordinal);
        Assert.All(await proxy.JournalAsync(6), static record => Assert.Equal("refused", record.GetProperty("outcome").GetString()));
        denied.ForEach(static socket => socket.Dispose());
    }

    [Theory]
    [InlineData("epoll", false)]
    [InlineData("portable", false)]
    [InlineData("epoll", true)]
    [InlineData("portable", true)]
    public async Task Client_OfADeniedNetworkWhereTlsComesFirst_IsClosedWithoutAHandshake(string transport, bool isAnnounced)
    {
        await using var proxy = await ProxyProcess.StartAsync(
            [$"--SmtpProxy:Transport={transport}", .. Implicit(), $"{Listener}:Deny={(isAnnounced ? "203.0.113.0/24" : Denied)}",
             .. isAnnounced ? [$"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8"] : Array.Empty<string>()]);
        Assert.Equal("", await KnockAsync(proxy, isAnnounced ? null : Denied, isAnnounced ? Header("203.0.113.7") : []));
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("refused", record.GetProperty("outcome").GetString());
        Assert.Equal("client_not_served", record.GetProperty("diagnosis").GetProperty("code").GetString());
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(1, metrics.Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "denied_network")));
        Assert.Equal(0, metrics.Sum("smtpproxy_tls_handshakes_total"));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Handshakes_MoreThanTheCap_AreRefused_UntilOneIsOver(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync(
            [$"--SmtpProxy:Transport={transport}", .. Certified("StartTls"), $"{Limits}:MaxHandshakes=1"]);
        var slow = await SecuredClient.ConnectAsync(proxy.Listener());
        Assert.StartsWith("220 ", await slow.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await using var other = await SecuredClient.ConnectAsync(proxy.Listener());
        Assert.StartsWith("454 4.7.0 ", await other.SayAsync("STARTTLS"), StringComparison.Ordinal);
        Assert.StartsWith("250", await other.SayAsync("NOOP"), StringComparison.Ordinal);
        await slow.DisposeAsync();
        await proxy.JournalAsync(1);
        Assert.StartsWith("220 ", await other.SayAsync("STARTTLS"), StringComparison.Ordinal);
        await other.SecureAsync();
        Assert.StartsWith("250", await other.SayAsync("EHLO c"), StringComparison.Ordinal);
        Assert.Equal(1, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "handshakes")));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Handshakes_OfOneClientMoreThanItsShare_AreClosed_AndOthersAreServed(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync(
            [$"--SmtpProxy:Transport={transport}", .. Implicit(), $"{Limits}:MaxHandshakesPerClient=1", $"{Limits}:ClientLimitExempt="]);
        using var slow = await ConnectAsync(proxy, Denied);
        // The first is counted when the second is: they are accepted in order.
        Assert.Equal("", await KnockAsync(proxy, Denied, []));
        await using var other = await SecuredClient.ConnectAsync(proxy.Listener(), isImplicit: true);
        Assert.StartsWith("250", await other.SayAsync("EHLO c"), StringComparison.Ordinal);
        Assert.Equal(1, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "handshakes_per_client")));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Client_ThatAHeaderNames_IsCountedByItsNetwork_AndByHowOftenItConnects(string transport)
    {
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", $"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8",
            $"{Limits}:MaxSessionsPerClient=2", $"{Limits}:ConnectionsPerMinutePerClient=3");
        using var first = await AnnounceAsync(proxy, "2001:db8:0:1::1", "220 ");
        using var neighbour = await AnnounceAsync(proxy, "2001:db8:0:1::2", "220 ");
        using var another = await AnnounceAsync(proxy, "2001:db8:0:1::3", "421 4.7.0 Too many sessions ");
        using var stranger = await AnnounceAsync(proxy, "2001:db8:0:2::1", "220 ");
        for (var session = 1; session <= 3; session++)
        {
            using (await AnnounceAsync(proxy, "203.0.113.1", "220 "))
            {
                // It hangs up.
            }

            // Until its session is over, it may not have a third.
            await proxy.JournalAsync(session + 1);
        }

        using var again = await AnnounceAsync(proxy, "203.0.113.1", "421 4.7.0 Too many connections ");
        using var exempt = await AnnounceAsync(proxy, "10.0.0.1", "220 ");
        using var exemptToo = await AnnounceAsync(proxy, "10.0.0.1", "220 ");
        Assert.Equal(1, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "connection_rate")));
    }

    private string[] Implicit() => Certified("Implicit");

    private string[] Certified(string mode)
    {
        var files = _made.Good();
        return [$"{Listener}:Tls:Mode={mode}", $"{Listener}:Tls:Certificates:0:Certificate={files.Certificate}",
            $"{Listener}:Tls:Certificates:0:Key={files.Key}",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None"];
    }

    private static byte[] Header(string client) =>
        ProxyHeaderWriter.For(ProxyVersion.V2, new IPEndPoint(IPAddress.Parse(client), 4711), new IPEndPoint(IPAddress.Parse(client), 25));

    private static async Task<Socket> AnnounceAsync(ProxyProcess proxy, string client, string expected)
    {
        var socket = await ConnectAsync(proxy);
        await socket.SendAsync(Header(client));
        Assert.StartsWith(expected, await HearAsync(socket), StringComparison.Ordinal);
        return socket;
    }

    private static async Task<Socket> ConnectAsync(ProxyProcess proxy, IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        await socket.ConnectAsync(proxy.Listener());
        return socket;
    }

    /// <summary>Connects, says this first, and hears a line; empty where the connection is closed instead, which may be before we
    /// know that there was one.</summary>
    private static async Task<string> KnockAsync(ProxyProcess proxy, IPAddress? from, byte[] header)
    {
        try
        {
            using var socket = await ConnectAsync(proxy, from);
            await socket.SendAsync(header);
            return await HearAsync(socket);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "";
        }
    }

    /// <summary>A line; empty where the connection is closed instead.</summary>
    private static async Task<string> HearAsync(Socket socket)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        try
        {
            while (await socket.ReceiveAsync(one).WaitAsync(ProxyProcess.Patience) == 1 && one[0] != (byte)'\n')
            {
                line.Append((char)one[0]);
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed, and not worth a FIN.
        }

        return line.ToString();
    }
}
