using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Telemetry;

/// <summary>Both ends of a proxied session in one hand: what one says, the other has read before the next word is said.</summary>
internal sealed class ScriptedTalk : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private TcpClient _client = new();
    private TcpClient _relay = new();

    public ScriptedTalk() => _listener.Start();

    /// <summary>The relay's end, as a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>A client connects, the proxy dials.</summary>
    public async Task ConnectAsync(IPEndPoint proxy)
    {
        _client.Dispose();
        _client = new TcpClient { NoDelay = true };
        await _client.ConnectAsync(proxy);
        _relay.Dispose();
        _relay = await _listener.AcceptTcpClientAsync().WaitAsync(ProxyProcess.Patience);
        _relay.NoDelay = true;
    }

    /// <summary>The client says it, and the relay hears it.</summary>
    public Task ClientAsync(string text) => SayAsync(_client, _relay, text);

    /// <summary>The relay says it, and the client hears it.</summary>
    public Task RelayAsync(string text) => SayAsync(_relay, _client, text);

    /// <summary>One line and its reply.</summary>
    public async Task AskAsync(string command, string reply)
    {
        await ClientAsync(command + "\r\n");
        await RelayAsync(reply + "\r\n");
    }

    /// <summary>Both hang up.</summary>
    public void Close()
    {
        _client.Dispose();
        _relay.Dispose();
    }

    public void Dispose()
    {
        Close();
        _listener.Dispose();
    }

    private static async Task SayAsync(TcpClient from, TcpClient to, string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        await from.GetStream().WriteAsync(octets);
        var heard = new byte[octets.Length];
        using var patience = new CancellationTokenSource(ProxyProcess.Patience);
        await to.GetStream().ReadExactlyAsync(heard, patience.Token);
        Assert.Equal(octets, heard);
    }
}
