using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Tls;

/// <summary>Certificates that cannot be read, from both sides: refused, said, counted, and nothing hangs.</summary>
public sealed class GarbledTlsTests : IDisposable
{
    private readonly TestCertificates _made = new();

    public void Dispose() => _made.Dispose();

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task ClientCertificate_ThatCannotBeRead_EndsItsHandshake_AndNoOther(string transport)
    {
        const string Tls = "--SmtpProxy:Listeners:inbound:Tls";
        await using var proxy = await ProxyProcess.StartAsync(
            [$"--SmtpProxy:Transport={transport}", $"{Tls}:Mode=Implicit", $"{Tls}:ClientCertificate=Optional",
                $"{Tls}:ClientCa={_made.Ca}",
            .. _made.Good().Arguments("inbound"), "--ReverseProxy:Clusters:relays:Metadata:Smtp.Tls=None"]);
        await using var before = await SecuredClient.ConnectAsync(proxy.Listener(), isImplicit: true);
        await Task.WhenAll(GarbledTls.Certificates.Values.Select(async shown =>
        {
            using var tcp = new TcpClient();
            await tcp.ConnectAsync(proxy.Listener());
            await GarbledTls.ShowServerAsync(tcp.GetStream(), shown).WaitAsync(ProxyProcess.Patience);
        }));

        Assert.StartsWith("250", await before.SayAsync("EHLO client.example"), StringComparison.Ordinal);
        await using var after = await SecuredClient.ConnectAsync(proxy.Listener(), isImplicit: true);
        var count = GarbledTls.Certificates.Count;
        var metrics = await Metrics.ReadAsync(proxy);
        Assert.True(count == metrics.Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "client"), ("error_type", "malformed")),
            proxy.Errors.Text + metrics.Text);
        await proxy.Errors.AwaitAsync(static l =>
            l.Contains("TLS with a client of listener inbound failed (malformed)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task RelayCertificate_ThatCannotBeRead_IsAnsweredWith421_AndSaysWhy(string transport)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        await using var proxy = await ProxyProcess.StartAsync(
            $"--SmtpProxy:Transport={transport}", "--relay", $"smtps://localhost:{((IPEndPoint)relay.LocalEndpoint).Port}");
        foreach (var (wrong, shown) in GarbledTls.Certificates)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(proxy.Listener());
            using (var dialled = await relay.AcceptTcpClientAsync().WaitAsync(ProxyProcess.Patience))
            {
                await GarbledTls.ShowClientAsync(dialled.GetStream(), shown).WaitAsync(ProxyProcess.Patience);
            }

            var said = await new StreamReader(client.GetStream(), Encoding.ASCII).ReadToEndAsync().WaitAsync(ProxyProcess.Patience);
            Assert.True(said.StartsWith("421 ", StringComparison.Ordinal), $"{wrong}: {said}");
        }

        foreach (var line in await proxy.JournalAsync(GarbledTls.Certificates.Count))
        {
            Assert.Equal("relay_tls_failed", line.GetProperty("diagnosis").GetProperty("code").GetString());
            Assert.Equal("malformed", line.GetProperty("tls_relay").GetProperty("error").GetString());
        }

        var metrics = await Metrics.ReadAsync(proxy);
        Assert.Equal(GarbledTls.Certificates.Count,
            metrics.Sum("smtpproxy_tls_handshakes_total", ("smtpproxy_leg", "relay"), ("error_type", "malformed")));
        await proxy.Errors.AwaitAsync(static said => said.Contains("failed (malformed): ", StringComparison.Ordinal));
    }
}
