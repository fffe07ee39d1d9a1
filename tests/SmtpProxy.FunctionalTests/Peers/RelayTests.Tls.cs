using System.Net;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Peers.Clients;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.Transport.ProxyProtocol;

namespace SmtpProxy.FunctionalTests.Peers;

/// <summary>TLS on either side of the proxy, both, or neither.</summary>
public abstract partial class RelayTests<TServer>
{
    [SkippableTheory]
    [InlineData("mailkit")]
    [InlineData("swaks")]
    [InlineData("openssl")]
    public async Task Tls_EveryWayOfClientAndRelay_DeliversAndIsKnown(string program)
    {
        Server.Require();
        using var certificates = new TestCertificates();
        await using var proxy = await ProxyProcess.StartAsync([.. TlsWay.Configuration(Server, certificates.Good()), "--addresses",
            "full"]);
        var ways = TlsWay.To(Server);
        var before = Server.Delivered.ToHashSet();

        await Parallel.ForEachAsync(ways.Index(), new ParallelOptions { MaxDegreeOfParallelism = 5 }, async (way, _) =>
            await way.Item.SendAsync(program, proxy.Listener(way.Item.Name),
                Encoding.ASCII.GetBytes($"Subject: way {way.Index}\r\n\r\nhello\r\n")));

        var delivered = (await Server.DeliveredAsync(before.Count + ways.Count)).Where(file => !before.Contains(file))
            .Select(File.ReadAllText).ToArray();
        var records = await proxy.JournalAsync(ways.Count);
        Assert.All(ways.Index(), way =>
        {
            var message = Assert.Single(delivered, text => text.Contains($"Subject: way {way.Index}\n", StringComparison.Ordinal)
                || text.Contains($"Subject: way {way.Index}\r\n", StringComparison.Ordinal));
            // What the relay itself says of its leg (RFC 3848).
            Assert.Equal(way.Item.IsRelayEncrypted, EncryptedByRelay(message));
            Assert.Contains(records, record => IsOf(record, way.Item));
        });
        Assert.All(records, record =>
        {
            Assert.Equal("tracked", record.GetProperty("mode").GetString());
            Assert.Equal("delivered", record.GetProperty("transactions")[0].GetProperty("outcome").GetString());
            Assert.Equal(JsonValueKind.Null, record.GetProperty("diagnosis").ValueKind);
            Assert.Empty(record.GetProperty("anomalies").EnumerateArray());
        });
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(ways.Count(static way => way.Client != "plain"),
            metrics.Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "client")));
        Assert.Equal(ways.Count(static way => way.IsRelayEncrypted),
            metrics.Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "relay")));
        Assert.Equal(ways.Count, metrics.Sum("smtpproxy_sessions_total", ("smtpproxy_outcome", "quit"),
            ("smtpproxy_visibility", "tracked")));
    }

    /// <summary>A PROXY header and STARTTLS to one relay.</summary>
    protected async Task ProxyHeaderAndTlsAsync()
    {
        Server.Require();
        await using var proxy = await ProxyProcess.StartAsync(
            "--SmtpProxy:Listeners:inbound:ProxyProtocol=Required", "--SmtpProxy:Listeners:inbound:ProxyProtocolFrom=127.0.0.0/8",
            "--SmtpProxy:Listeners:inbound:Tls:Mode=None",
            "--relay", $"smtp://127.0.0.1:{Server.ProxyPort}", "--ReverseProxy:Clusters:relays:Metadata:Smtp.ProxyProtocol=V2",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=Required", $"--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsCa={Server.Ca}",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsServerName=localhost");
        var before = Server.Delivered.ToHashSet();
        var header = ProxyHeaderWriter.For(ProxyVersion.V1, IPEndPoint.Parse("203.0.113.202:4711"), IPEndPoint.Parse("198.51.100.25:25"));
        var (client, greeting) = await Cli.MailClient.ConnectAsync(proxy.Listener(), header);
        using (client)
        {
            Assert.StartsWith("220 ", greeting, StringComparison.Ordinal);
            await client.SayAsync("EHLO true.example");
            await client.SayAsync("MAIL FROM:<me@test.example>");
            Assert.StartsWith("250 ", await client.SayAsync("RCPT TO:<a@test.example>"), StringComparison.Ordinal);
            Assert.StartsWith("354 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
            Assert.StartsWith("250 ", await client.SayAsync("Subject: hello\r\n\r\nhello\r\n."), StringComparison.Ordinal);
            await client.SayAsync("QUIT");
        }

        var message = File.ReadAllText((await Server.DeliveredAsync(before.Count + 1)).Single(file => !before.Contains(file)));
        Assert.True(EncryptedByRelay(message), message);
        Assert.Contains("203.0.113.202", message, StringComparison.Ordinal);
    }

    private static bool IsOf(JsonElement record, TlsWay way) =>
        record.GetProperty("listener").GetString() == way.Name
        && record.GetProperty("tls").GetString() == way.Client switch { "plain" => "none", var tls => tls }
        && record.GetProperty("tls_client").ValueKind == JsonValueKind.Null == (way.Client == "plain")
        && record.GetProperty("tls_relay").ValueKind == JsonValueKind.Null != way.IsRelayEncrypted;

    /// <summary>The topmost Received line is the relay's, and ends in <c>ESMTPS</c> where TLS was spoken.</summary>
    private static bool EncryptedByRelay(string message)
    {
        var start = message.IndexOf("Received:", StringComparison.Ordinal);
        var end = start;
        do
        {
            end = message.IndexOf('\n', end + 1);
        }
        while (message[end + 1] is ' ' or '\t');
        return message[start..end].Contains("ESMTPS", StringComparison.OrdinalIgnoreCase);
    }
}
