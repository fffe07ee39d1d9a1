using System.Net;
using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Tls;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Guard;

/// <summary>A Postfix that takes XCLIENT from the proxy's address does not take it from the proxy's clients,
/// whichever way they come.</summary>
public sealed class XClientBlockTests(Postfix postfix) : IClassFixture<Postfix>, IDisposable
{
    private const string Listener = "--SmtpProxy:Listeners:inbound";
    private const string Cluster = "--ReverseProxy:Clusters:relays";
    private const string Forged = "XCLIENT ADDR=203.0.113.1 LOGIN=admin";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [SkippableTheory]
    [InlineData("epoll", "plain")]
    [InlineData("portable", "plain")]
    [InlineData("epoll", "ipv6")]
    [InlineData("epoll", "unix")]
    [InlineData("portable", "unix")]
    [InlineData("epoll", "proxy")]
    [InlineData("epoll", "faults")]
    [InlineData("epoll", "introduced")]
    [InlineData("portable", "introduced")]
    public async Task Client_ThatSpeaksForAnother_Gets550_AndNoMailIsRelayed(string transport, string way)
    {
        postfix.Require();
        var socket = Path.Combine(Path.GetTempPath(), $"guard-{Guid.NewGuid():N}.sock");
        var address = way switch { "ipv6" => "[::1]:0", "unix" => $"unix:{socket}", _ => "127.0.0.1:0" };
        await using var proxy = await ProxyProcess.StartAsync(
        [
            "--listen", address, "--relay", $"smtp://127.0.0.1:{postfix.WaryPort}", $"--SmtpProxy:Transport={transport}",
            .. way is "proxy" or "introduced"
            ? [$"{Listener}:ProxyProtocol=Required", $"{Listener}:ProxyProtocolFrom=127.0.0.0/8", $"{Listener}:XClientFrom=127.0.0.0/8"]
            : Array.Empty<string>(),
            .. way == "introduced" ? [$"{Cluster}:Metadata:Smtp.XClient=true", $"{Listener}:XClientFrom=0.0.0.0/0"] : Array.Empty<string>(),
            .. way == "faults" ? ["--SmtpProxy:Faults:Enabled=true", "--SmtpProxy:Faults:AllowUnsafeEnvironment=true"]
            : Array.Empty<string>(),
        ]);
        using var tcp = way == "unix"
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await tcp.ConnectAsync(way == "unix" ? new UnixDomainSocketEndPoint(socket) : proxy.Listener());
        using var caller = new Caller(new NetworkStream(tcp, ownsSocket: false));
        if (way is "proxy" or "introduced")
        {
            var client = new IPEndPoint(IPAddress.Parse("198.51.100.9"), 4711);
            await caller.SendAsync(ProxyHeaderWriter.For(ProxyVersion.V2, client, new IPEndPoint(client.Address, 25)));
        }

        await AttackAsync(caller);
        tcp.Dispose();

        var record = (await proxy.JournalAsync(1))[0];
        Assert.All(
            record.GetProperty("exchanges").EnumerateArray()
                .Where(static e => e.GetProperty("verb").GetString() is "XCLIENT" or "XFORWARD"),
            static e => Assert.Equal((550, "proxy"), (e.GetProperty("code").GetInt32(), e.GetProperty("origin").GetString())));
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(4, metrics.Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "xclient_blocked")));
        var told = Assert.Single(proxy.Errors.SoFar, static line => line.Contains("kept XCLIENT or XFORWARD", StringComparison.Ordinal));
        Assert.Contains(way == "introduced" ? "Smtp.XClient" : "SmtpProxy:Listeners:inbound:XClientFrom", told, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("epoll", "StartTls")]
    [InlineData("portable", "StartTls")]
    [InlineData("epoll", "Implicit")]
    public async Task Client_InsideTls_Gets550_AndNoMailIsRelayed(string transport, string mode)
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
        [
            "--relay", $"smtp://127.0.0.1:{postfix.WaryPort}", $"--SmtpProxy:Transport={transport}", $"{Listener}:Tls:Mode={mode}",
            .. _made.Good().Arguments("inbound"),
            $"{Cluster}:Metadata:Smtp.Tls=None",
        ]);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(proxy.Listener());
        using var caller = new Caller(tcp.GetStream());
        if (mode == "Implicit")
        {
            await caller.SecureAsync();
            await AttackAsync(caller);
        }
        else
        {
            await AttackAsync(caller);
            Assert.StartsWith("250", await caller.SayAsync("RSET\r\n"), StringComparison.Ordinal);
            Assert.StartsWith("220", await caller.SayAsync("STARTTLS\r\n"), StringComparison.Ordinal);
            await caller.SecureAsync();
            await AttackAsync(caller, greets: false);
        }
    }

    /// <summary>Before EHLO, after it, in a group, in pieces, and after a DATA that is refused.</summary>
    private static async Task AttackAsync(Caller caller, bool greets = true)
    {
        if (greets)
        {
            Assert.StartsWith("220", await caller.ReplyAsync(), StringComparison.Ordinal);
        }

        Assert.Equal("550 5.7.0 Command not permitted from your address\n", await caller.SayAsync($"{Forged}\r\n"));
        var offer = await caller.SayAsync("EHLO client.example\r\n");
        Assert.StartsWith("250-mx.test.example\n", offer, StringComparison.Ordinal);
        Assert.DoesNotContain("XCLIENT", offer, StringComparison.Ordinal);
        Assert.DoesNotContain("XFORWARD", offer, StringComparison.Ordinal);
        foreach (var octet in "xclient\tADDR=203.0.113.1\r\n")
        {
            await caller.SendAsync([(byte)octet]);
        }

        Assert.StartsWith("550 5.7.0", await caller.ReplyAsync(), StringComparison.Ordinal);
        await caller.SendAsync(
            $"DATA\r\n{Forged}\nXFORWARD ADDR=203.0.113.1\r\nMAIL FROM:<me@elsewhere.example>\r\nRCPT TO:<you@elsewhere.example>\r\n");
        Assert.StartsWith("503", await caller.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.0", await caller.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.0", await caller.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await caller.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("554 5.7.1", await caller.ReplyAsync(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Client_OfANamedNetwork_MaySpeakForOthers_UntilAReloadSaysOtherwise()
    {
        postfix.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            static folder => WriteFrom(folder, "127.0.0.0/8"), "--relay", $"smtp://127.0.0.1:{postfix.WaryPort}",
            $"{Listener}:Address=127.0.0.1:0", $"{Listener}:Cluster=relays");
        var (trusted, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (trusted)
        {
            Assert.StartsWith("220 ", await trusted.SayAsync(Forged), StringComparison.Ordinal);
            await trusted.SayAsync("QUIT");
        }

        WriteFrom(proxy.Folder, "192.0.2.0/24");
        await proxy.Errors.AwaitAsync(static line => line.Contains("SmtpProxy:Listeners", StringComparison.Ordinal)
            || line.Contains("eload", StringComparison.Ordinal));
        var (other, _) = await MailClient.ConnectAsync(proxy.Listener());
        using (other)
        {
            Assert.StartsWith("550 5.7.0", await other.SayAsync(Forged), StringComparison.Ordinal);
        }
    }

    private static void WriteFrom(string folder, string networks)
    {
        // Moved into place: what is half written would be a file that cannot be read.
        var path = Path.Combine(folder, "appsettings.json");
        File.WriteAllText(path + ".new", "{\"SmtpProxy\":{\"Listeners\":{\"inbound\":{\"XClientFrom\":\"" + networks + "\"}}}}");
        File.Move(path + ".new", path, overwrite: true);
    }
}
