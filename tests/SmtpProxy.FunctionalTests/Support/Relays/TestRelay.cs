using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>What relays of tests have in common: a free port of the loopback, every connection served at once beside the others, and
/// nothing left over at the end.</summary>
internal abstract class TestRelay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly List<(TcpClient Client, Task Served)> _sessions = [];
    private Task _accepting = Task.CompletedTask;

    /// <param name="at">Where it listens; null: 127.0.0.1.</param>
    protected TestRelay(IPAddress? at = null) => _listener = new TcpListener(at ?? IPAddress.Loopback, 0);

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>Its port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Refuses new connections, closes those that are open, and waits until none is served any more.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var (client, _) in _sessions)
        {
            client.Dispose();
        }

        await Task.WhenAll(_sessions.Select(static session => session.Served));
    }

    /// <summary>Opens the port: the last thing that a constructor does.</summary>
    protected void Start()
    {
        _listener.Start(1000);
        _accepting = AcceptAsync();
    }

    /// <summary>Serves one connection, which is closed afterwards. It may fail as connections do when the other side leaves.</summary>
    protected abstract Task ServeAsync(TcpClient client);

    private async Task AcceptAsync()
    {
        await foreach (var client in _listener.ClientsAsync())
        {
            _sessions.Add((client, ServeToTheEndAsync(client)));
        }
    }

    private async Task ServeToTheEndAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await ServeAsync(client);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // The proxy left, or the test is over: what a test expects is in what the relay heard and said.
            }
        }
    }
}
