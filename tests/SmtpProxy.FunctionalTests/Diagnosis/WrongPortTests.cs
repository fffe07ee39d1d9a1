using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Peers.Servers;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>Clients and a relay that everybody has, each set to what the other side is not: TLS at once on a plain port, plain words on one
/// that begins with TLS, no PROXY header where one is awaited.</summary>
public sealed class WrongPortTests(WrongPortTests.Site site) : IClassFixture<WrongPortTests.Site>
{
    [SkippableFact]
    public async Task TlsAtOnce_OnAPlainPort_IsSaid_OfEveryClient()
    {
        site.Server.Require();
        var to = $"{site.Proxy.Listener("plain")}";
        string[][] clients =
        [
            ["python3", "-c", $"import smtplib\nsmtplib.SMTP_SSL('{to.Split(':')[0]}', {to.Split(':')[1]}, timeout=20)"],
            ["swaks", "--tlsc", "--server", to, "--to", "you@test.example"],
            ["openssl", "s_client", "-connect", to],
        ];
        foreach (var client in clients)
        {
            await Command.RunAsync(PeerTool.Require(client[0]), client[1..]);
            Assert.Equal("tls_on_plaintext_port", Code(await site.NextAsync()));
        }
    }

    /// <summary>swaks waits for a greeting and gives up with QUIT; others speak first. Postfix hangs up at either.</summary>
    [SkippableTheory]
    [InlineData("smtps", "plaintext_on_tls_port")]
    [InlineData("header", "proxy_header_missing")]
    [InlineData("screened", "proxy_header_missing")]
    [InlineData("implicit", "plaintext_on_tls_listener")]
    public async Task PlainWords_OnAnotherKindOfPort_AreSaidToBeThat(string listener, string diagnosis)
    {
        site.Server.Require();
        await Command.RunAsync(PeerTool.Require("swaks"),
            ["--timeout", "1", "--server", $"{site.Proxy.Listener(listener)}", "--to", "you@test.example"]);
        Assert.Equal(diagnosis, Code(await site.NextAsync()));

        await SayAsync(listener, "EHLO client.test.example\r\n");
        Assert.Equal(diagnosis, Code(await site.NextAsync()));
        Assert.Equal(2, (await Metrics.ReadAsync(site.Proxy))
            .Sum("smtpproxy_diagnoses_total", ("smtpproxy_diagnosis", diagnosis), ("smtpproxy_listener", listener)));
    }

    private static string? Code(JsonElement line) =>
        line.GetProperty("diagnosis") is { ValueKind: JsonValueKind.Object } found ? found.GetProperty("code").GetString() : null;

    private async Task SayAsync(string listener, string words)
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(site.Proxy.Listener(listener));
        await client.SendAsync(Encoding.ASCII.GetBytes(words));
        try
        {
            while (await client.ReceiveAsync(new byte[512]) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: the relay went with the client's words unread.
        }
    }

    /// <summary>Postfix, and one proxy with a listener before each of its ports.</summary>
    public sealed class Site : IAsyncLifetime, IDisposable
    {
        private readonly TestCertificates _made = new();
        private ProxyProcess? _proxy;
        private int _sessions;

        public Postfix Server { get; } = new();

        public ProxyProcess Proxy => _proxy!;

        public async Task InitializeAsync()
        {
            await Server.InitializeAsync();
            _proxy = await ProxyProcess.StartAsync(
            [
                .. Before("plain", Server.Port), .. Before("smtps", Server.SmtpsPort), .. Before("header", Server.ProxyPort),
                .. Before("screened", Server.PostscreenPort),
                .. Before("implicit", Server.Port), "--SmtpProxy:Listeners:implicit:Tls:Mode=Implicit",
                .. _made.Good().Arguments("implicit"),
                "--relay", string.Create(CultureInfo.InvariantCulture, $"smtp://127.0.0.1:{Server.Port}"),
            ]);
        }

        /// <summary>The journal's record of the next session that ends.</summary>
        public async Task<JsonElement> NextAsync() => (await Proxy.JournalAsync(++_sessions))[_sessions - 1];

        public async Task DisposeAsync()
        {
            await Proxy.DisposeAsync();
            await Server.DisposeAsync();
        }

        public void Dispose() => _made.Dispose();

        private static IEnumerable<string> Before(string name, int port) =>
        [
            $"--SmtpProxy:Listeners:{name}:Address=127.0.0.1:0", $"--SmtpProxy:Listeners:{name}:Cluster={name}",
            string.Create(CultureInfo.InvariantCulture,
                $"--ReverseProxy:Clusters:{name}:Destinations:postfix:Address=smtp://127.0.0.1:{port}"),
            $"--ReverseProxy:Clusters:{name}:Metadata:Smtp.AskAtStart=false",
        ];
    }
}
