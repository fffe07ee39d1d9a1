using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>A transport with one listener, and a relay's listening socket; both on loopback at ports of their own.</summary>
internal sealed class Rig : IAsyncDisposable
{
    /// <summary>Longer than anything here can take, on a machine that is busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<TestSession> _sessions = Channel.CreateUnbounded<TestSession>();
    private readonly ConcurrentBag<TestSession> _all = [];
    private readonly ConcurrentBag<IDisposable> _owned = [];
    private readonly Socket _relay;
    private bool _disposed;

    public Rig(string transport, Action<TestSession>? arrange = null, EndPoint? listen = null, EndPoint? relay = null)
    {
        Transport = Transports.Open(transport, Errors);
        _relay = Listen(relay ?? new IPEndPoint(IPAddress.Loopback, 0));
        Listening = Transport.Listen(listen ?? new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions(), _ =>
        {
            var session = new TestSession(RelayAddress);
            arrange?.Invoke(session);
            _all.Add(session);
            _sessions.Writer.TryWrite(session);
            return session;
        });
    }

    public ITransport Transport { get; }

    public IListening Listening { get; }

    public ErrorLog Errors { get; } = new();

    public EndPoint RelayAddress => _relay.LocalEndPoint!;

    /// <summary>Theory data: every transport there is.</summary>
    public static TheoryData<string> All => [.. Transports.Names];

    /// <summary>A new client.</summary>
    public async Task<Peer> Connect()
    {
        var address = Listening.Address;
        var socket = new Socket(address.AddressFamily, SocketType.Stream,
            address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address).WaitAsync(Patience);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // Connected, and reset before this thread saw it (EPIPE: after a FIN): the first read says that it is over.
        }

        return Own(new Peer(socket));
    }

    /// <summary>The next connection that the relay accepts.</summary>
    public async Task<Peer> AcceptRelay() => Own(new Peer(await _relay.AcceptAsync().WaitAsync(Patience)));

    /// <summary>The session that was made next.</summary>
    public async Task<TestSession> Session() => await _sessions.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>A client, connected through to the relay.</summary>
    public async Task<(Peer Client, Peer Relay, TestSession Session)> Join()
    {
        var client = await Connect();
        var relay = await AcceptRelay();
        var session = await Session();
        await session.Log.Saw("Dialled Connected");
        return (client, relay, session);
    }

    /// <summary>A relay that takes few octets before it has to be read.</summary>
    public void SmallRelayWindow() => _relay.ReceiveBufferSize = 8 * 1024;

    /// <summary>Waits until every pair is closed.</summary>
    public async Task AllClosed()
    {
        foreach (var session in _all)
        {
            await session.Log.Saw("Closed");
        }

        // The count falls right behind the last call; there is no event for that moment.
        Assert.True(SpinWait.SpinUntil(() => Transport.OpenPairs == 0, Patience), $"{Transport.OpenPairs} pairs are open");
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await Transport.DisposeAsync().AsTask().WaitAsync(Patience);
        _relay.Dispose();
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }

        Assert.Equal(0, Transport.OpenPairs);
        Assert.All(_all, session => Assert.Empty(session.Breaches));
        Assert.All(_all, session => Assert.Equal("Closed", session.Log.Events[^1]));
    }

    private static Socket Listen(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream,
            address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        socket.Bind(address);
        socket.Listen(1024);
        return socket;
    }

    private Peer Own(Peer peer)
    {
        _owned.Add(peer);
        return peer;
    }
}
