using System.Diagnostics;
using System.Globalization;
using SmtpProxy.FunctionalTests.Cli;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>Who comes back has a shorter handshake (RFC 8446, section 2.2; RFC 5077), judged by a peer that is not ours: OpenSSL.</summary>
public sealed class ResumptionTests : IDisposable
{
    /// <summary>A relay that shows whatever certificate is in the file just then, and keeps the keys of its tickets, as Postfix does
    /// whose processes come and go.</summary>
    private const string Relay = """
        import socket, ssl, sys
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = getattr(ssl.TLSVersion, sys.argv[2])
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            connection.settimeout(60)
            context.load_cert_chain(sys.argv[1])
            try:
                with context.wrap_socket(connection, server_side=True) as client:
                    client.sendall(b"220 resumed\r\n" if client.session_reused else b"220 new\r\n")
                    if client.recv(1000): client.sendall(b"221 bye\r\n")
            except OSError:
                pass
        """;

    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [SkippableFact]
    public async Task Client_ThatComesBack_IsResumed_WithTls12AndWithTls13_UntilTheCertificateChanges()
    {
        var files = _made.Good();
        var shown = _made.Write("shown.pem", await File.ReadAllTextAsync(files.Both));
        await using var proxy = await ProxyProcess.StartAsync(
            ["--SmtpProxy:Listeners:inbound:Tls:Mode=Implicit", $"--SmtpProxy:Listeners:inbound:Tls:Certificates:a:Certificate={shown}",
            "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None"]);
        foreach (var version in (string[])["-tls1_2", "-tls1_3"])
        {
            var session = System.IO.Path.Combine(_made.Path, $"session{version}");
            Assert.Contains("New, TLSv1", await TalkAsync(proxy, version, "-sess_out", session), StringComparison.Ordinal);
            Assert.Contains("Reused, TLSv1", await TalkAsync(proxy, version, "-sess_in", session), StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(shown, await File.ReadAllTextAsync(_made.For("localhost", "new.example").Both));
        var kept = System.IO.Path.Combine(_made.Path, "session-tls1_3");
        await Eventually.Async(
            async () => (await TalkAsync(proxy, "-tls1_3", "-sess_in", kept)).Contains("New, TLSv1", StringComparison.Ordinal),
            "a session with the old certificate is still resumed");
    }

    [SkippableTheory]
    [InlineData("epoll", "TLSv1_2")]
    [InlineData("portable", "TLSv1_2")]
    [InlineData("epoll", "TLSv1_3")]
    public async Task Relay_ThatWasRefused_IsServedAsSoonAsItsCertificateIsMended(string transport, string version)
    {
        var shown = _made.Write("shown.pem", await File.ReadAllTextAsync(_made.Untrusted().Both));
        await BeforeARelayAsync(transport, version, shown, async proxy =>
        {
            Assert.StartsWith("421 4.3.2", await GreetingAsync(proxy), StringComparison.Ordinal);
            Assert.StartsWith("421 4.3.2", await GreetingAsync(proxy), StringComparison.Ordinal);
            await File.WriteAllTextAsync(shown, await File.ReadAllTextAsync(_made.Good().Both));
            Assert.Equal("220 new", await GreetingAsync(proxy));
            Assert.Equal("220 new", await GreetingAsync(proxy));
        });
    }

    [SkippableTheory]
    [InlineData("epoll", "TLSv1_2")]
    [InlineData("portable", "TLSv1_3")]
    public Task Relay_ThatIsBelieved_IsResumed(string transport, string version) =>
        BeforeARelayAsync(transport, version, _made.Chained().Both, async proxy =>
        {
            Assert.StartsWith("220 ", await GreetingAsync(proxy), StringComparison.Ordinal);
            Assert.Equal("220 resumed", await GreetingAsync(proxy));
        });

    private async Task BeforeARelayAsync(string transport, string version, string shown, Func<ProxyProcess, Task> use)
    {
        using var relay = Process.Start(new ProcessStartInfo(PeerTool.Require("python3"), ["-c", Relay, shown, version])
            { RedirectStandardOutput = true })!;
        try
        {
            var port = int.Parse((await relay.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            await using var proxy = await ProxyProcess.StartAsync([$"--SmtpProxy:Transport={transport}",
                "--relay", $"smtps://localhost:{port}", $"--ReverseProxy:Clusters:relays:Metadata:Smtp.TlsCa={_made.Ca}"]);
            await use(proxy);
        }
        finally
        {
            relay.Kill();
            await relay.WaitForExitAsync();
        }
    }

    private static async Task<string> GreetingAsync(ProxyProcess proxy)
    {
        var (client, greeting) = await MailClient.ConnectAsync(proxy.Listener());
        using (client)
        {
            if (greeting.StartsWith("220", StringComparison.Ordinal))
            {
                // Tickets come behind the handshake.
                Assert.Equal("221 bye", await client.SayAsync("QUIT"));
            }
        }

        return greeting;
    }

    /// <summary>One session, to its end: tickets come after the handshake.</summary>
    private static Task<string> TalkAsync(ProxyProcess proxy, params string[] options) => Command.SucceedAsync(
        "sh", ["-c", "printf 'QUIT\\r\\n' | \"$@\" 2>&1", "sh", PeerTool.Require("openssl"), "s_client", "-connect", $"{proxy.Listener()}",
            "-ign_eof", .. options]);
}
