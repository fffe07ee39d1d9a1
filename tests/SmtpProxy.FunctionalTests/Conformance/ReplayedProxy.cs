using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Conformance;

/// <summary>A proxy between a scripted client and a scripted relay that act in turn: each only when it has
/// received everything before.</summary>
#pragma warning disable CA1001 // DisposeAsync of the test's lifetime does it.
public sealed class ReplayedProxy<TTransport> : IAsyncLifetime
#pragma warning restore CA1001
    where TTransport : ITransportName
{
    /// <summary>Payloads up to this size are cut into single octets, longer ones into pieces.</summary>
    private const int SingleOctets = 1_500;

    private readonly TcpListener _relay = new(IPAddress.Loopback, 0);
    private ProxyProcess? _proxy;
    private int _sessions;

    public async Task InitializeAsync()
    {
        _relay.Start();
        _proxy = await ProxyProcess.StartAsync(
            static _ => { }, new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Test" },
            ["--relay", $"smtp://{_relay.LocalEndpoint}", "--addresses", "full", $"--SmtpProxy:Transport={TTransport.Name}",
                .. TTransport.More]);
    }

    public async Task DisposeAsync()
    {
        await _proxy!.DisposeAsync();
        _relay.Dispose();
    }

    /// <summary>Plays the events; answers the session's line in the journal.</summary>
    public async Task<JsonElement> ReplayAsync(JsonElement events, bool whole)
    {
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(_proxy!.Listener(), patience.Token);
        using var relay = await _relay.AcceptSocketAsync(patience.Token);
        relay.NoDelay = true;
        foreach (var happens in events.EnumerateArray())
        {
            var (from, to) = happens.GetProperty("from").GetString() == "client" ? (client, relay) : (relay, client);
            if (happens.TryGetProperty("op", out var op))
            {
                await EndAsync(op.GetString()!, from, to, patience.Token);
                continue;
            }

            var octets = happens.GetProperty("data_b64").GetBytesFromBase64();
            foreach (var piece in octets.Chunk(whole ? int.MaxValue : octets.Length <= SingleOctets ? 1 : 997))
            {
                await PassAsync(piece, from, to, patience.Token);
            }
        }

        Close(client);
        Close(relay);
        _sessions++;
        return (await _proxy.JournalAsync(_sessions))[_sessions - 1];
    }

    private static async Task PassAsync(byte[] octets, Socket from, Socket to, CancellationToken cancel)
    {
        // At once: what is sent may be more than the sockets between hold.
        var sending = from.SendAsync(octets, cancel).AsTask();
        var received = new byte[octets.Length];
        for (var count = 0; count < octets.Length;)
        {
            var read = await to.ReceiveAsync(received.AsMemory(count), cancel);
            Assert.True(read > 0, $"the connection ended after {count} of {octets.Length} octets");
            count += read;
        }

        Assert.Equal(octets.Length, await sending);
        Assert.Equal(octets, received);
    }

    private static async Task EndAsync(string how, Socket from, Socket to, CancellationToken cancel)
    {
        if (how == "reset")
        {
            from.LingerState = new LingerOption(true, 0);
            from.Close();
            var failure = await Assert.ThrowsAsync<SocketException>(() => to.ReceiveAsync(new byte[1], cancel).AsTask());
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
            return;
        }

        from.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await to.ReceiveAsync(new byte[1], cancel));
    }

    private static void Close(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }
}
