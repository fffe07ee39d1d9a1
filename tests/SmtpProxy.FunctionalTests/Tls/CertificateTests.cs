using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>The certificates that clients get to see, and what becomes of handshakes that fail.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Tls = "--SmtpProxy:Listeners:inbound:Tls";
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Fact]
    public async Task Certificate_ByTheNameAskedFor_AndAfterARenewal_IsTheRightOne()
    {
        var (first, other) = (_made.For("first.example"), _made.For("*.other.example"));
        var file = _made.Write("listener.pem", File.ReadAllText(first.Both));
        await using var proxy = await ProxyProcess.StartAsync(
            $"{Tls}:Mode=Implicit", $"{Tls}:Certificates:0:Certificate={file}", $"{Tls}:Certificates:1:Certificate={other.Both}",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None");
        using var before = await SecureAsync(proxy, "first.example");
        Assert.Equal("first.example", NameOf(before));
        using (var wild = await SecureAsync(proxy, "mx.other.example"))
        {
            Assert.Equal("*.other.example", NameOf(wild));
        }

        using (var unknown = await SecureAsync(proxy, "unknown.example"))
        {
            Assert.Equal("first.example", NameOf(unknown));
        }

        File.WriteAllText(file, "-----BEGIN CERTI");
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("SmtpProxy:Listeners:inbound:Tls:Certificates:0:Certificate: ", StringComparison.Ordinal));
        using (var kept = await SecureAsync(proxy, "first.example"))
        {
            Assert.Equal("first.example", NameOf(kept));
        }

        File.WriteAllText(file, File.ReadAllText(_made.For("renewed.example").Both));
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("Listener inbound has a new certificate for renewed.example", StringComparison.Ordinal));
        using var after = await SecureAsync(proxy, "renewed.example");
        Assert.Equal("renewed.example", NameOf(after));

        // The session that had begun goes on.
        Assert.StartsWith("220 ", await LineAsync(before), StringComparison.Ordinal);
        await before.WriteAsync("QUIT\r\n"u8.ToArray());
        Assert.StartsWith("221 ", await LineAsync(before), StringComparison.Ordinal);
        var left = (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_tls_certificate_expiry_seconds", ("smtpproxy_listener", "inbound"));
        Assert.InRange(left, 86_400, 31 * 86_400);
    }

    [Fact]
    public async Task Handshake_ThatFails_IsCountedByWhy_AndTheNextIsServed()
    {
        await using var proxy = await ProxyProcess.StartAsync(
            [$"{Tls}:Mode=Implicit", $"{Tls}:MinimumVersion=Tls13", $"{Tls}:ClientCertificate=Required", $"{Tls}:ClientCa={_made.Ca}",
            .. _made.Good().Arguments("inbound"), "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None"]);
        await SendAsync(proxy, "EHLO client.example\r\n"u8.ToArray());
        await SendAsync(proxy, [0x16, 3, 1, 0, 10, 1, 0, 0, 6, 3, 3, 0, 0, 0, 0]);
        await Assert.ThrowsAnyAsync<Exception>(() =>
            SecureAsync(proxy, "localhost", static o => o.EnabledSslProtocols = SslProtocols.Tls12));
        await FailAsync(proxy, null);
        await FailAsync(proxy, _made.UntrustedClient());
        using var client = _made.Client().Load();
        using var good = await SecureAsync(proxy, "localhost",
            o => o.ClientCertificateContext = SslStreamCertificateContext.Create(client, null, offline: true));
        Assert.StartsWith("220 ", await LineAsync(good), StringComparison.Ordinal);
        var metrics = await Metrics.ReadAsync(proxy);
        foreach (var (why, least) in ((string, int)[])[("malformed", 2), ("protocol_version", 1),
            ("client_certificate_missing", 1), ("untrusted", 1)])
        {
            Assert.True(metrics.Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "client"), ("error_type", why)) >= least,
                $"{why}\n{metrics.Text}");
            await proxy.Errors.AwaitAsync(l =>
                l.Contains($"TLS with a client of listener inbound failed ({why})", StringComparison.Ordinal));
        }

        Assert.Matches(
            "smtpproxy_tls_handshakes_total\\{smtpproxy_destination=\"none\",smtpproxy_leg=\"client\",smtpproxy_listener=\"inbound\"," +
                "tls_protocol_version=\"1.3\"\\} 1", metrics.Text);
    }

    [Theory]
    [InlineData("expired", "expired", "the certificate expired on 2")]
    [InlineData("wrong host", "name_mismatch", "name mismatch: the certificate is for wrong.example, the relay is localhost")]
    [InlineData("untrusted", "untrusted", "untrusted root: the issuer of CN=localhost is not known: CN=Other CA")]
    public async Task Relay_WhoseCertificateDoesNotDo_GetsNoMail_AndSaysWhy(string shown, string type, string words)
    {
        var files = shown switch { "expired" => _made.Expired(), "wrong host" => _made.WrongHost(), _ => _made.Untrusted() };
        await using var relay = new SecuredRelay(files);
        await using var proxy = await ProxyProcess.StartAsync(
            "--relay", $"smtps://localhost:{relay.Port}", $"--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsCa={_made.Ca}");
        using var client = new TcpClient();
        await client.ConnectAsync(proxy.Listener());
        var said = await new StreamReader(client.GetStream(), Encoding.ASCII).ReadToEndAsync().WaitAsync(ProxyProcess.Patience);
        client.Close();
        Assert.StartsWith("421 ", said, StringComparison.Ordinal);
        await proxy.Errors.AwaitAsync(line => line.Contains($"failed ({type}): {words}", StringComparison.Ordinal));
        var line = (await proxy.JournalAsync(1))[0];
        Assert.Equal("relay_tls_failed", line.GetProperty("diagnosis").GetProperty("code").GetString());
        var tls = line.GetProperty("tls_relay");
        Assert.Equal(type, tls.GetProperty("error").GetString());
        Assert.StartsWith(words, tls.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.True((await Metrics.ReadAsync(proxy))
            .Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "relay"), ("error_type", type)) >= 1);
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        Assert.Contains("\"what\":\"tls_failed\"", await http.GetStringAsync(new Uri("/api/v1/upstreams", UriKind.Relative)),
            StringComparison.Ordinal);
        Assert.Equal("", relay.Heard);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Tls_ThatPassesThrough_IsTheRelays_AndItsFirstWordsAreRecorded(string transport)
    {
        await using var relay = new SecuredRelay(_made.For("relay.example"));
        await using var proxy = await ProxyProcess.StartAsync($"--SmtpProxy:Transport={transport}", "--relay",
            $"smtp://127.0.0.1:{relay.Port}");
        using (var client = await SecureAsync(proxy, "Relay.example",
            static o => o.ApplicationProtocols = [new SslApplicationProtocol("smtp")]))
        {
            Assert.Equal("relay.example", NameOf(client));
            Assert.Equal("220 relay\r", await LineAsync(client));
            await client.WriteAsync("QUIT\r\n"u8.ToArray());
            await client.ShutdownAsync();
        }

        var line = (await proxy.JournalAsync(1))[0];
        var hello = line.GetProperty("client_hello");
        Assert.Equal("relay.example", hello.GetProperty("server_name").GetString());
        Assert.Equal("smtp", Assert.Single(hello.GetProperty("alpn").EnumerateArray()).GetString());
        Assert.Contains("1.3", hello.GetProperty("versions").EnumerateArray().Select(static v => v.GetString()));
        Assert.Equal(("implicit", "opaque"), (line.GetProperty("tls").GetString(), line.GetProperty("mode").GetString()));
        Assert.Equal(0, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_tls_handshakes_total"));
    }

    private static string NameOf(SslStream stream) =>
        ((X509Certificate2)stream.RemoteCertificate!).GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    private static async Task<string> LineAsync(SslStream stream)
    {
        var line = new StringBuilder();
        var octet = new byte[1];
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (await stream.ReadAsync(octet, patience.Token) == 1 && octet[0] != '\n')
        {
            line.Append((char)octet[0]);
        }

        return line.ToString();
    }

    private static async Task<SslStream> SecureAsync(ProxyProcess proxy, string name, Action<SslClientAuthenticationOptions>? change = null)
    {
        var client = new TcpClient();
        await client.ConnectAsync(proxy.Listener());
        var stream = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
#pragma warning disable CA5359 // What is shown is what these tests look at.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        };
        change?.Invoke(options);
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        await stream.AuthenticateAsClientAsync(options, patience.Token);
        return stream;
    }

    /// <summary>With TLS 1.3 a client learns only behind its handshake that its certificate did not do.</summary>
    private static async Task FailAsync(ProxyProcess proxy, PemFiles? shown)
    {
        using var certificate = shown?.Load();
        var ended = await Record.ExceptionAsync(async () =>
        {
            using var stream = await SecureAsync(proxy, "localhost",
                o => o.ClientCertificateContext = certificate is null
                    ? null : SslStreamCertificateContext.Create(certificate, null, offline: true));
            Assert.Equal("", await LineAsync(stream));
        });
        Assert.True(ended is null or IOException or AuthenticationException, $"{ended}");
    }

    private static async Task SendAsync(ProxyProcess proxy, byte[] octets)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(proxy.Listener());
        await client.GetStream().WriteAsync(octets);
        try
        {
            while (await client.GetStream().ReadAsync(new byte[512]).AsTask().WaitAsync(ProxyProcess.Patience) > 0)
            {
                // An alert, and then the end.
            }
        }
        catch (IOException)
        {
            // Reset: as good.
        }
    }

    /// <summary>A relay that speaks TLS from the first octet, and hears what is said inside.</summary>
    private sealed class SecuredRelay : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _certificate;
        private readonly Task _serving;
        private readonly StringBuilder _heard = new();

        public SecuredRelay(PemFiles files)
        {
            _certificate = files.Load();
            _listener.Start();
            _serving = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public string Heard => _heard.ToString();

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _certificate.Dispose();
        }

        private async Task ServeAsync()
        {
            await foreach (var client in _listener.ClientsAsync())
            {
                try
                {
                    using var stream = new SslStream(client.GetStream());
                    await stream.AuthenticateAsServerAsync(_certificate);
                    await stream.WriteAsync("220 relay\r\n"u8.ToArray());
                    _heard.Append(await new StreamReader(stream, Encoding.ASCII).ReadToEndAsync());
                }
                catch (Exception e) when (e is IOException or AuthenticationException)
                {
                    // The proxy did not believe it.
                }
            }
        }
    }
}
