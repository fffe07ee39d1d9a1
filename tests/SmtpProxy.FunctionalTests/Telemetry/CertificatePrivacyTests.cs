using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>Certificates that name people, and that would write on an operator's terminal: what is said of them says neither.</summary>
public sealed class CertificatePrivacyTests : IDisposable
{
    private static readonly string[] Paths = ["", "metrics", "api/v1/sessions", "api/v1/upstreams"];

    /// <summary>What no output may hold at any level; control characters also as JSON writes them, for
    /// whoever reads it undoes that.</summary>
    private static readonly string[] Canaries =
    [
        "client-person1", "client-mail1", "client-alt1", "client-given1", "relay-person1", "relay-mail1", "relay-alt1", "sni-person1",
        "people-domain1.example",
        "\u001b[31m", "bidi\u202e", "bell\u0007", "\\u001b[31m", "bidi\\u202e", "bell\\u0007",
    ];

    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("none", "epoll")]
    [InlineData("none", "portable")]
    [InlineData("full", "epoll")]
    public async Task Certificate_WithAddressesInItsNames_IsRefused_AndNoOutputHoldsThem(string level, string transport)
    {
        await using var otlp = await OtlpSink.StartAsync();
        using var shown = Certificate("relay");
        await using var relay = new TlsOnly(shown);
        await using var proxy = await ProxyProcess.StartAsync(static _ => { }, otlp.Environment,
        [
            "--SmtpProxy:Listeners:plain:Address=127.0.0.1:0", "--SmtpProxy:Listeners:plain:Cluster=relays",
            "--SmtpProxy:Listeners:inbound:Address=127.0.0.1:0", "--SmtpProxy:Listeners:inbound:Cluster=relays",
            "--SmtpProxy:Listeners:inbound:Tls:Mode=Implicit",
            "--SmtpProxy:Listeners:inbound:Tls:ClientCertificate=Required", $"--SmtpProxy:Listeners:inbound:Tls:ClientCa={_made.Ca}",
            .. _made.Good().Arguments("inbound"),
            "--SmtpProxy:Listeners:named:Address=127.0.0.1:0", "--SmtpProxy:Listeners:named:Cluster=relays",
            "--SmtpProxy:Listeners:named:Tls:Mode=Implicit", .. _made.Good().Arguments("named"),
            $"--SmtpProxy:Transport={transport}", "--addresses", level, "--SmtpProxy:Telemetry:SampleShare=1",
            "--Logging:LogLevel:Default=Trace",
            "--relay", $"smtps://localhost:{relay.Port}", $"--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsCa={_made.Ca}",
        ]);
        using var person = Certificate("client");
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(proxy.Listener("plain"));
            Assert.StartsWith("421 ", await new StreamReader(client.GetStream()).ReadToEndAsync().WaitAsync(ProxyProcess.Patience),
                StringComparison.Ordinal);
        }

        await ShakeAsync(proxy.Listener(), person);
        await ShakeAsync(proxy.Listener("named"), person);
        // That the search can find something: both were refused for their certificates, and it says so.
        await proxy.Errors.AwaitAsync(static line =>
            line.Contains("TLS with a client of listener inbound failed (untrusted): self-signed (", StringComparison.Ordinal));
        var journal = await proxy.JournalAsync(3);
        JsonElement[] relayed = [.. journal.Where(static line => line.GetProperty("tls_relay").ValueKind == JsonValueKind.Object)];
        Assert.Equal(2, relayed.Length);
        Assert.All(relayed, static line =>
            Assert.Contains("CN=(address)", line.GetProperty("tls_relay").GetProperty("why").GetString(), StringComparison.Ordinal));
        // The name that was asked for is none of a host: the handshake is there, the name is not.
        Assert.Contains(journal, static line => line.GetProperty("tls_client") is { ValueKind: JsonValueKind.Object } tls
            && tls.GetProperty("error").GetString() is null && tls.GetProperty("server_name").GetString() is null);
        using var http = new HttpClient { BaseAddress = proxy.Admin };
        var pages = string.Concat(await Task.WhenAll(Paths.Select(async path =>
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative));
            return await response.Content.ReadAsStringAsync();
        })));
        Assert.Contains("smtpproxy_tls_handshakes_total", pages, StringComparison.Ordinal);
        proxy.Terminate();
        Assert.Equal(0, await proxy.ExitAsync());
        Assert.Contains("self-signed", proxy.Errors.Text, StringComparison.Ordinal);
        var outputs = new Dictionary<string, string>
        {
            ["journal"] = proxy.Output.Text, ["log"] = proxy.Errors.Text, ["pages"] = pages,
            ["traces"] = otlp.Text("traces"), ["OTLP logs"] = otlp.Text("logs"), ["OTLP metrics"] = otlp.Text("metrics"),
        };
        foreach (var (name, text) in outputs)
        {
            Assert.All(Canaries, canary =>
                Assert.False(text.Contains(canary, StringComparison.OrdinalIgnoreCase), $"{canary} in {name} at level {level}"));
        }
    }

    /// <summary>Signed by itself, with an address wherever there is room for one.</summary>
    private static X509Certificate2 Certificate(string whose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName($"{whose}-person1@people-domain1.example");
        name.AddEmailAddress($"{whose}-mail1@people-domain1.example");
        name.Add("2.5.4.42", $"{whose}-given1");
        name.AddOrganizationName("Org \u001b[31m bidi\u202e bell\u0007");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        var also = new SubjectAlternativeNameBuilder();
        also.AddEmailAddress($"{whose}-alt1@people-domain1.example");
        request.CertificateExtensions.Add(also.Build());
        var now = DateTimeOffset.UtcNow;
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private static async Task ShakeAsync(IPEndPoint proxy, X509Certificate2 certificate)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(proxy);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "sni-person1@people-domain1.example",
                EnabledSslProtocols = SslProtocols.Tls12,
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
            }).WaitAsync(ProxyProcess.Patience);
            // Its last words, where it was let in.
            await tls.ReadAsync(new byte[100]).AsTask().WaitAsync(ProxyProcess.Patience);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // Refused.
        }
    }

    /// <summary>Shakes hands, and no more.</summary>
    private sealed class TlsOnly : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _accepting;

        public TlsOnly(X509Certificate2 certificate)
        {
            _listener.Start();
            _accepting = AcceptAsync(certificate);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting;
        }

        private async Task AcceptAsync(X509Certificate2 certificate)
        {
            await foreach (var client in _listener.ClientsAsync())
            {
                try
                {
                    await using var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(certificate);
                    Assert.Equal(0, await tls.ReadAsync(new byte[100]));
                }
                catch (Exception e) when (e is IOException or AuthenticationException)
                {
                    // The proxy does not want it.
                }
            }
        }
    }
}
