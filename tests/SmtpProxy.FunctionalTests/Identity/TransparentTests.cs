using System.Diagnostics;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Identity;

/// <summary>TPROXY with real routing: the client connects to the relay's address, and the relay sees the client's.</summary>
public sealed class TransparentTests
{
    /// <summary>Greets with the address that getpeername tells.</summary>
    private const string Relay = """
        import socketserver, sys
        class Mail(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 you are " + self.request.getpeername()[0].encode() + b"\r\n")
                self.rfile.readline()
                self.wfile.write(b"221 bye\r\n")
        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            address_family = 10 if ":" in sys.argv[1] else 2
        server = Server((sys.argv[1], 25), Mail)
        print("listening", flush=True)
        server.serve_forever()
        """;

    private const string Client = """
        import socket, sys
        s = socket.create_connection((sys.argv[1], 25), 60)
        s.sendall(b"QUIT\r\n")
        answer = b""
        while octets := s.recv(1000): answer += octets
        print(answer.decode(), s.getpeername()[0], sep="")
        """;

    private const string Cluster = "--ReverseProxy:Clusters:relays";
    private const string Cluster6 = "--ReverseProxy:Clusters:relays6";
    private const string Listeners = "--SmtpProxy:Listeners";

    [SkippableTheory]
    [InlineData("epoll", false)]
    [InlineData("epoll", true)]
    [InlineData("portable", true)]
    public async Task Relay_BehindATransparentProxy_SeesTheClientsAddress_AndTheClientTheRelays(string transport, bool byRules)
    {
        await using var network = await RoutedNetwork.MakeAsync(byRules);
        using var relay4 = await ListenAsync(network, RoutedNetwork.Relay4);
        using var relay6 = await ListenAsync(network, RoutedNetwork.Relay6);
        try
        {
            await using var proxy = await ProxyProcess.StartByAsync(network.OnRouter,
                $"--SmtpProxy:Transport={transport}", "--listen", "0.0.0.0:25", "--listen", $"[{RoutedNetwork.Relay6}]:25",
                $"{Listeners}:inbound:Transparent=true", $"{Listeners}:inbound-2:Transparent=true",
                $"{Listeners}:inbound-2:Cluster=relays6",
                "--relay", $"smtp://{RoutedNetwork.Relay4}", $"{Cluster}:Metadata:Smtp.Transparent=true",
                $"{Cluster6}:Destinations:v6:Address=smtp://[{RoutedNetwork.Relay6}]", $"{Cluster6}:Metadata:Smtp.Transparent=true");
            Assert.Equal($"220 you are {RoutedNetwork.Client4}\r\n221 bye\r\n{RoutedNetwork.Relay4}",
                await AskAsync(network, RoutedNetwork.Relay4));
            Assert.Equal($"220 you are {RoutedNetwork.Client6}\r\n221 bye\r\n{RoutedNetwork.Relay6}",
                await AskAsync(network, RoutedNetwork.Relay6));
            var records = await proxy.JournalAsync(2);
            Assert.All(records, static r =>
                Assert.Equal(("quit", "tracked"), (r.GetProperty("outcome").GetString(), r.GetProperty("mode").GetString())));
            Assert.StartsWith(RoutedNetwork.Client4 + ":", records[0].GetProperty("relay_local").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            relay4.Kill();
            relay6.Kill();
        }
    }

    private static async Task<string> AskAsync(RoutedNetwork network, string address) =>
        (await Command.SucceedAsync(network.OnClient[0], [.. network.OnClient.Skip(1), PeerTool.Require("python3"), "-c", Client, address]))
            .TrimEnd();

    private static async Task<Process> ListenAsync(RoutedNetwork network, string address)
    {
        var relay = Process.Start(new ProcessStartInfo(network.OnRelay[0],
            [.. network.OnRelay.Skip(1), PeerTool.Require("python3"), "-c", Relay, address])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("listening", await relay.StandardOutput.ReadLineAsync().WaitAsync(ProxyProcess.Patience));
        return relay;
    }
}
