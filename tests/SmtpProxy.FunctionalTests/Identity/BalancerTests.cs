using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>Behind HAProxy, a load balancer of layer 4 that announces its clients.</summary>
public sealed class BalancerTests
{
    [SkippableFact]
    public async Task Session_ThroughHaproxy_IsTheTrueClients_AndItsChecksAreNoBadHeaders()
    {
        var program = PeerTool.Require("haproxy");
        await using var proxy = await ProxyProcess.StartAsync(
            "--SmtpProxy:Listeners:inbound:ProxyProtocol=Required", "--SmtpProxy:Listeners:inbound:ProxyProtocolFrom=127.0.0.0/8");
        var (file, port) = (Path.Combine(proxy.Folder, "haproxy.cfg"), FreePort.Next());
        await File.WriteAllTextAsync(file, $"""
            defaults
              mode tcp
              timeout connect 10s
              timeout client 60s
              timeout server 60s
            listen smtp
              bind 127.0.0.1:{port}
              option smtpchk EHLO balancer.example
              server proxy {proxy.Listener()} send-proxy-v2 check check-send-proxy inter 200ms

            """);
        using var balancer = Process.Start(new ProcessStartInfo(program, ["-db", "-f", file])
            { RedirectStandardError = true, RedirectStandardOutput = true })!;
        try
        {
            using var client = await ConnectAsync(port);
            var own = client.Client.LocalEndPoint!.ToString();
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            Assert.StartsWith("220 ", await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience), StringComparison.Ordinal);
            await client.GetStream().WriteAsync("QUIT\r\n"u8.ToArray());
            Assert.StartsWith("221 ", await reader.ReadLineAsync().WaitAsync(ProxyProcess.Patience), StringComparison.Ordinal);
            await proxy.Output.AwaitAsync(line => line.Contains($"\"client\":\"{own}\"", StringComparison.Ordinal));
            Assert.Equal(0, (await Metrics.ReadAsync(proxy)).Sum("smtpproxy_limits_hit_total", ("smtpproxy_limit", "proxy_header")));
        }
        finally
        {
            balancer.Kill();
            await balancer.WaitForExitAsync();
        }
    }

    /// <summary>Nothing tells when it listens.</summary>
    private static async Task<TcpClient> ConnectAsync(int port)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        while (true)
        {
            var client = new TcpClient(AddressFamily.InterNetwork);
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return client;
            }
            catch (SocketException)
            {
                client.Dispose();
                await pause.WaitForNextTickAsync(patience.Token);
            }
        }
    }
}
