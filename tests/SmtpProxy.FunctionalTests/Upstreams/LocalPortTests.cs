using System.Diagnostics;
using SmtpProxy.FunctionalTests.Identity;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>Every port of the proxy's machine leads to the relay already, or waits in TIME-WAIT: the kernel refuses to connect
/// (EADDRNOTAVAIL). The network is made for it, with four such ports.</summary>
public sealed class LocalPortTests
{
    private const int Ports = 4;
    private const int TooMany = 3;

    private const string Relay = """
        import socketserver, sys
        class Mail(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 relay\r\n")
                self.rfile.readline()
        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
        server = Server((sys.argv[1], 25), Mail)
        print("listening", flush=True)
        server.serve_forever()
        """;

    /// <summary>Holds more sessions than there are ports, ends all, and comes again until it is served.</summary>
    private const string Client = """
        import socket, sys, time
        def greeted():
            s = socket.create_connection((sys.argv[1], 25), 60)
            answer = b""
            while not answer.endswith(b"\n"): answer += s.recv(1000)
            return s, answer.decode()
        held = [greeted() for n in range(int(sys.argv[2]))]
        print("".join(a for s, a in held), end="")
        for s, a in held: s.close()
        while True:
            s, answer = greeted()
            s.close()
            if answer.startswith("220"): break
            time.sleep(0.2)
        print("again", end="")
        """;

    [SkippableTheory]
    [InlineData("epoll")]
    [InlineData("portable")]
    public async Task Session_WithoutALocalPortToTheRelay_IsToldSo_AndThoseAfterItAreServed(string transport)
    {
        await using var network = await RoutedNetwork.MakeAsync(byRules: false);
        // As an operator would: a port in TIME-WAIT may be used again after a second.
        await Command.SucceedAsync(network.OnRouter[0], [.. network.OnRouter.Skip(1), "sh", "-ec",
            $"echo 40000 {40000 + Ports - 1} > /proc/sys/net/ipv4/ip_local_port_range; echo 1 > /proc/sys/net/ipv4/tcp_tw_reuse"]);
        using var relay = Process.Start(new ProcessStartInfo(network.OnRelay[0],
            [.. network.OnRelay.Skip(1), PeerTool.Require("python3"), "-c", Relay, RoutedNetwork.Relay4])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            Assert.Equal("listening", await relay.StandardOutput.ReadLineAsync().WaitAsync(ProxyProcess.Patience));
            await using var proxy = await ProxyProcess.StartByAsync(network.OnRouter,
                $"--SmtpProxy:Transport={transport}", "--listen", "0.0.0.0:25", "--relay", $"smtp://{RoutedNetwork.Relay4}");
            var told = await Command.SucceedAsync(network.OnClient[0],
                [.. network.OnClient.Skip(1), PeerTool.Require("python3"), "-c", Client, RoutedNetwork.Router4, $"{Ports + TooMany}"]);
            var lines = told.Split("\r\n");
            // The proxy looks itself whether the relay is there: that may have taken one.
            var served = lines.Count(static l => l == "220 relay");
            Assert.InRange(served, Ports - 1, Ports);
            Assert.Equal(Ports + TooMany - served, lines.Count(static l =>
                l == "421 4.3.2 Service not available: local resources are short, please try again later"));
            Assert.Equal("again", lines[^1]);
            var records = await proxy.JournalAsync(Ports + TooMany + 1);
            var unserved = records.Where(static r => r.GetProperty("outcome").GetString() == "connect_failed").ToArray();
            Assert.True(unserved.Length >= TooMany, $"{unserved.Length} sessions are recorded as not served");
            Assert.All(unserved, static r =>
                Assert.Equal("local_resources", r.GetProperty("diagnosis").GetProperty("code").GetString()));
        }
        finally
        {
            relay.Kill();
        }
    }
}
