using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>STARTTLS that ends at the proxy, against those who mean no good, and those who do it wrong.</summary>
public sealed class StartTlsTests : IDisposable
{
    private const string Tls = "--SmtpProxy:Listeners:inbound:Tls";
    private const string Relays = "--ReverseProxy:Clusters:relays:Metadata:Smtp";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("None", "epoll")]
    [InlineData("AsClient", "epoll")]
    [InlineData("Required", "epoll")]
    [InlineData("AsClient", "portable")]
    public async Task Client_ThatInjectsBehindStartTls_IsReportedAndNothingOfItArrives(string relayTls, string transport)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await StartAsync(relay, $"{Relays}.Tls={relayTls}", $"--SmtpProxy:Transport={transport}");
        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            Assert.Contains("STARTTLS", await client.SayAsync("EHLO client.example"), StringComparison.Ordinal);
            await client.SendAsync("STARTTLS\r\nMAIL FROM:<evil@example.org>\r\nRSET\r\n");
            Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
            await client.SecureAsync();
            Assert.DoesNotContain("STARTTLS", await client.SayAsync("EHLO inside.example"), StringComparison.Ordinal);
            // Were anything of it answered, this reply would be another's.
            Assert.Equal("221 2.0.0 bye\n", await client.SayAsync("QUIT"));
        }

        Assert.DoesNotContain(relay.Heard, static line => line.Contains("evil", StringComparison.Ordinal)
            || line.Contains("RSET", StringComparison.Ordinal));
        Assert.Contains(relayTls == "None" ? "c:EHLO inside.example" : "t:EHLO inside.example", relay.Heard);
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal(["starttls-injection-client"], record.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString()));
        Assert.Equal(["EHLO", "STARTTLS", "EHLO", "QUIT"], Verbs(record));
        Assert.Equal("tracked", record.GetProperty("mode").GetString());
    }

    /// <summary>Its end is known before there is a handshake that could be told of it.</summary>
    [Theory]
    [InlineData("epoll", "")]
    [InlineData("portable", "")]
    [InlineData("epoll", "NOOP\r\n")]
    [InlineData("portable", "NOOP\r\n")]
    public async Task Client_ThatEndsWithStartTls_KeepsNoPlaceAmongTheHandshakes(string transport, string behind)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        // So long that the test would end before.
        await using var proxy = await StartAsync(relay, $"--SmtpProxy:Transport={transport}", "--SmtpProxy:Limits:TlsHandshake=00:30:00",
            "--SmtpProxy:Limits:HalfClosed=00:30:00");
        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            await client.SendAsync($"EHLO client.example\r\nSTARTTLS\r\n{behind}");
            client.End();
            Assert.Equal(["EHLO", "STARTTLS"], Verbs((await proxy.JournalAsync(1))[0]).Take(2));
        }
    }

    [Fact]
    public async Task Relay_ThatInjectsBehindStartTls_IsReportedAndTheClientGetsNothingOfIt()
    {
        await using var relay = new RecordingRelay(_made.Good().Load(), "250 AUTH PLAIN\r\n250 injected\r\n");
        await using var proxy = await StartAsync(relay);
        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            await client.SayAsync("EHLO client.example");
            Assert.Equal("220 2.0.0 go ahead\n", await client.SayAsync("STARTTLS"));
            await client.SecureAsync();
            Assert.Equal("250-relay.example\n250-PIPELINING\n250 SIZE 1000\n", await client.SayAsync("EHLO inside.example"));
            Assert.Equal("221 2.0.0 bye\n", await client.SayAsync("QUIT"));
        }

        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal(["starttls-injection-server"], record.GetProperty("anomalies").EnumerateArray().Select(static a => a.GetString()));
        Assert.Equal(["EHLO", "STARTTLS", "EHLO", "QUIT"], Verbs(record));
    }

    [Fact]
    public async Task Relay_ThatInjectsOrIsNotTrusted_WhereTlsIsRequired_IsLeftForTheNext()
    {
        await using var injecting = new RecordingRelay(_made.Good().Load(), "250 injected\r\n");
        await using var untrusted = new RecordingRelay(_made.Untrusted().Load());
        await using var good = new RecordingRelay(_made.Good().Load());
        await using var proxy = await StartAsync(
            injecting, $"{Relays}.Tls=Required", "--ReverseProxy:Clusters:relays:LoadBalancingPolicy=FirstAlphabetical",
            $"--ReverseProxy:Clusters:relays:Destinations:second:Address={untrusted.Address}",
            $"--ReverseProxy:Clusters:relays:Destinations:third:Address={good.Address}");
        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            await client.SayAsync("EHLO client.example");
            Assert.Equal("221 2.0.0 bye\n", await client.SayAsync("QUIT"));
        }

        Assert.Contains("t:EHLO client.example", good.Heard);
        Assert.DoesNotContain(injecting.Heard.Concat(untrusted.Heard),
            static line => line.Contains("client.example", StringComparison.Ordinal));
        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("third", record.GetProperty("destination").GetString());
        Assert.Equal(JsonValueKind.Null, record.GetProperty("tls_relay").GetProperty("error").ValueKind);
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(1, metrics.Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "relay"), ("error_type", "untrusted"),
            ("smtpproxy_destination", "second")));
    }

    [Fact]
    public async Task StartTls_WhereTheRelaysHandshakeFails_Is454AndNoTls()
    {
        await using var relay = new RecordingRelay(_made.WrongHost().Load());
        await using var proxy = await StartAsync(relay);
        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            await client.SayAsync("EHLO client.example");
            Assert.Equal("454 4.7.0 TLS is not available: TLS with the relay could not be established\n",
                await client.SayAsync("STARTTLS"));
            Assert.Equal("", await client.ReplyAsync());
        }

        var record = (await proxy.JournalAsync(1))[0];
        Assert.Equal("name_mismatch", record.GetProperty("tls_relay").GetProperty("error").GetString());
        Assert.Equal("refused", record.GetProperty("tls").GetString());
        Assert.Equal(JsonValueKind.Null, record.GetProperty("tls_client").ValueKind);
    }

    [Fact]
    public async Task Required_BeforeTls_Answers530ToAllButAFew_AndTheRelayHearsNothingOfIt()
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await StartAsync(relay, $"{Tls}:Require=true");
        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener()))
        {
            await client.SendAsync(
                "EHLO client.example\r\nNOOP\r\nMAIL FROM:<me@example.org>\r\nRCPT TO:<you@example.org>\r\nDATA\r\nBDAT 6 LAST\r\n" +
                    "QUIT\r\nAUTH PLAIN AGEAYg==\r\nXCLIENT ADDR=192.0.2.1\r\nNOOP\r\n");
            Assert.StartsWith("250-relay.example", await client.ReplyAsync(), StringComparison.Ordinal);
            Assert.Equal("250 2.0.0 ok\n", await client.ReplyAsync());
            for (var n = 0; n < 6; n++)
            {
                Assert.Equal("530 5.7.0 Must issue a STARTTLS command first\n", await client.ReplyAsync());
            }

            Assert.Equal("250 2.0.0 ok\n", await client.ReplyAsync());
            Assert.Equal("220 2.0.0 go ahead\n", await client.SayAsync("STARTTLS"));
            await client.SecureAsync();
            await client.SayAsync("EHLO client.example");
            Assert.Equal("250 2.0.0 ok\n", await client.SayAsync("MAIL FROM:<me@example.org>"));
            Assert.Equal("503 5.5.1 TLS is already active\n", await client.SayAsync("STARTTLS"));
            Assert.Equal("221 2.0.0 bye\n", await client.SayAsync("QUIT"));
        }

        Assert.Equal(["c:EHLO client.example", "c:NOOP", "c:NOOP", "c:STARTTLS"],
            relay.Heard.Where(static line => line.StartsWith("c:", StringComparison.Ordinal)));
        Assert.Equal(["t:EHLO client.example", "t:MAIL FROM:<me@example.org>", "t:QUIT"],
            relay.Heard.Where(static line => line.StartsWith("t:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("STARTTLS\r\n", "220 ")]
    [InlineData("starttls now\r\n", "501 5.5.4 ")]
    public async Task StartTls_CutAtEveryOctet_IsAnsweredAlike(string command, string expected)
    {
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await StartAsync(relay, $"{Relays}.Tls=None");
        for (var cut = 1; cut < command.Length; cut++)
        {
            await using var client = await SecuredClient.ConnectAsync(proxy.Listener());
            await client.SayAsync("EHLO client.example");
            await client.SendAsync("NOOP\r\n" + command[..cut]);
            // The reply to NOOP says that the first piece has been read.
            Assert.Equal("250 2.0.0 ok\n", await client.ReplyAsync());
            await client.SendAsync(command[cut..]);
            Assert.StartsWith(expected, await client.ReplyAsync(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(relay.Heard, static line => line.Contains("TLS", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Handshakes_ThatStall_HoldUpNobodyAndEnd(string transport)
    {
        const int Stalled = 100;
        await using var relay = new RecordingRelay(_made.Good().Load());
        await using var proxy = await StartAsync(
            relay, $"{Tls}:Mode=Implicit", $"{Relays}.Tls=None", "--SmtpProxy:Limits:TlsHandshake=00:00:01",
            $"--SmtpProxy:Transport={transport}");
        var stalled = new List<System.Net.Sockets.TcpClient>();
        for (var n = 0; n < Stalled; n++)
        {
            var tcp = new System.Net.Sockets.TcpClient();
            await tcp.ConnectAsync(proxy.Listener());
            // The first octets of a ClientHello, and then nothing.
            await tcp.GetStream().WriteAsync(new byte[] { 0x16, 3, 1, 2, 0, 1 });
            stalled.Add(tcp);
        }

        await using (var client = await SecuredClient.ConnectAsync(proxy.Listener(), isImplicit: true))
        {
            Assert.Equal("221 2.0.0 bye\n", await client.SayAsync("QUIT"));
        }

        foreach (var tcp in stalled)
        {
            var read = await Record.ExceptionAsync(async () =>
                Assert.True(await tcp.GetStream().ReadAsync(new byte[100]).AsTask().WaitAsync(ProxyProcess.Patience) >= 0));
            Assert.True(read is null or IOException, $"{read}");
            tcp.Dispose();
        }

        Assert.Equal(Stalled, (await Metrics.ReadAsync(proxy))
            .Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "client"), ("error_type", "timeout")));
    }

    private Task<ProxyProcess> StartAsync(RecordingRelay relay, params string[] more) => ProxyProcess.StartAsync(
        [
            "--relay", relay.Address, $"{Relays}.TlsCa={_made.Ca}", $"{Relays}.TlsServerName=localhost",
            .. _made.Good().Arguments("inbound"),
            .. more.Any(static m => m.StartsWith($"{Tls}:Mode", StringComparison.Ordinal)) ? [] : new[] { $"{Tls}:Mode=StartTls" },
            .. more,
        ]);

    private static IEnumerable<string?> Verbs(JsonElement record) =>
        record.GetProperty("exchanges").EnumerateArray().Select(static e => e.GetProperty("verb").GetString());
}
