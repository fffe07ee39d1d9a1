using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using SmtpProxy.FunctionalTests.Transport;
using SmtpProxy.Sink;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Sink;

/// <summary>The sink as the product registers it, on ports of its own.</summary>
internal sealed class SinkRig : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly List<Peer> _peers = [];

    private SinkRig(ServiceProvider services) => _services = services;

    public SinkService Service => _services.GetRequiredService<SinkService>();

    public SinkMailbox Mailbox => _services.GetRequiredService<SinkMailbox>();

    public int SmtpPort => ((IPEndPoint)Service.SmtpAddress!).Port;

    public static async Task<SinkRig> Start(string transport, params (string Key, string Value)[] options)
    {
        var settings = new Dictionary<string, string?>
        {
            ["SmtpProxy:Sink:Address"] = "127.0.0.1:0",
            ["SmtpProxy:Sink:LmtpAddress"] = "127.0.0.1:0",
        };
        foreach (var (key, value) in options)
        {
            settings[$"SmtpProxy:Sink:{key}"] = value;
        }

        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<ITransport>(_ => Transports.Open(transport, NullLoggerFactory.Instance));
        services.AddSink(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        var rig = new SinkRig(services.BuildServiceProvider());
        await rig.Service.StartAsync(CancellationToken.None);
        return rig;
    }

    public Task<Peer> ConnectSmtp() => Connect(Service.SmtpAddress!);

    public Task<Peer> ConnectLmtp() => Connect(Service.LmtpAddress!);

    /// <summary>Says it all and half-closes; the codes of the replies up to the end of the connection.</summary>
    public static async Task<string[]> Dialogue(Peer client, string commands)
    {
        await client.Says(commands);
        client.Fin();
        return Codes(Encoding.ASCII.GetString((await client.ReadToEnd()).Octets));
    }

    /// <summary>The code of each reply.</summary>
    public static string[] Codes(string replies) =>
        [.. replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(line => line[3] == ' ').Select(line => line[..3])];

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
        {
            peer.Dispose();
        }

        using var patience = new CancellationTokenSource(Rig.Patience);
        await Service.StopAsync(patience.Token);
        Assert.Equal(0, Service.SessionCount);
        await _services.DisposeAsync();
    }

    private async Task<Peer> Connect(EndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address).WaitAsync(Rig.Patience);
        var peer = new Peer(socket);
        _peers.Add(peer);
        return peer;
    }
}
