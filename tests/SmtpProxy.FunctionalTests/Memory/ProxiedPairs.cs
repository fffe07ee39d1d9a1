using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.FunctionalTests.Support;
using SmtpProxy.FunctionalTests.Transport;

namespace SmtpProxy.FunctionalTests.Memory;

/// <summary>A real proxy, with both ends of its sessions in the hands of the test.</summary>
internal sealed class ProxiedPairs : IAsyncDisposable
{
    private readonly Socket _relay;
    private readonly List<(Peer Client, Peer Relay)> _pairs = [];

    private ProxiedPairs(Socket relay, ProxyProcess proxy)
    {
        _relay = relay;
        Proxy = proxy;
        Memory = new ProcessMemory(proxy);
    }

    public ProxyProcess Proxy { get; }

    public ProcessMemory Memory { get; }

    /// <summary>Starts the proxy in front of a relay that only accepts.</summary>
    /// <param name="transport">Which transport it has.</param>
    /// <param name="descriptors">How many it, and the test, may need.</param>
    /// <param name="heapLimit">Octets beyond which its runtime fails; 0 = as usual.</param>
    public static async Task<ProxiedPairs> Start(string transport, int descriptors, int heapLimit = 0)
    {
        const int Backlog = 1024;
        var relay = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        relay.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        relay.Listen(Backlog);
        var environment = new Dictionary<string, string>();
        if (heapLimit > 0)
        {
            environment["DOTNET_GCHeapHardLimit"] = heapLimit.ToString("x", CultureInfo.InvariantCulture);
        }

        // So many sessions are more than a heap this small is given by default.
        var proxy = await ProxyProcess.StartAsync(
            static _ => { }, environment, "--relay", $"smtp://{relay.LocalEndPoint}", $"--SmtpProxy:Transport={transport}",
            "--SmtpProxy:Limits:MaxSessions=10000");
        var pairs = new ProxiedPairs(relay, proxy);
        pairs.Memory.Require(descriptors);
        return pairs;
    }

    /// <summary>One more session: connected through, and greeted.</summary>
    public async Task<(Peer Client, Peer Relay)> Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Proxy.Listener()).WaitAsync(ProxyProcess.Patience);
        var relay = await _relay.AcceptAsync().WaitAsync(ProxyProcess.Patience);
        var pair = (Client: new Peer(socket), Relay: new Peer(relay));
        _pairs.Add(pair);
        await pair.Relay.Says("220 relay\r\n");
        await pair.Client.Hears("220 relay\r\n");
        return pair;
    }

    /// <summary>So many sessions more, idle behind EHLO.</summary>
    public async Task OpenIdle(int count)
    {
        for (var n = 0; n < count; n++)
        {
            var (client, relay) = await Open();
            await client.Says("EHLO client.example.org\r\n");
            await relay.Hears("EHLO client.example.org\r\n");
            await relay.Says("250-relay\r\n250 PIPELINING\r\n");
            await client.Hears("250-relay\r\n250 PIPELINING\r\n");
        }
    }

    /// <summary>Ends every session, and waits until the proxy has recorded each.</summary>
    public async Task CloseAll(int recorded)
    {
        foreach (var (client, relay) in _pairs)
        {
            client.Dispose();
            relay.Dispose();
        }

        _pairs.Clear();
        await Proxy.JournalAsync(recorded);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (client, relay) in _pairs)
        {
            client.Dispose();
            relay.Dispose();
        }

        _relay.Dispose();
        await Proxy.DisposeAsync();
    }
}
