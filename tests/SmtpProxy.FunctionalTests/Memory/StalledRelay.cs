using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.FunctionalTests.Support;

namespace SmtpProxy.FunctionalTests.Memory;

/// <summary>A relay that answers everything, and reads nothing of messages until it is told to.</summary>
internal sealed class StalledRelay : IDisposable
{
    /// <summary>Little, so that the proxy has to hold what is not read.</summary>
    private const int Window = 4096;

    // Linux, netinet/tcp.h.
    private const int Tcp = 6;
    private const int TcpMaxSeg = 2;
    private const int Segment = 536;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _clients = [];
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _read;

    public StalledRelay()
    {
        _listener.Server.ReceiveBufferSize = Window;
        // The sender's kernel keeps more of what is not read the larger the segments are.
        _listener.Server.SetRawSocketOption(Tcp, TcpMaxSeg, BitConverter.GetBytes(Segment));
        _listener.Start(2048);
        _ = AcceptAsync();
    }

    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>Octets that it has read since it was told to.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>Reads what there is.</summary>
    public void Resume() => _resumed.SetResult();

    public void Dispose()
    {
        _listener.Dispose();
        lock (_clients)
        {
            _clients.ForEach(static socket => socket.Dispose());
        }
    }

    private async Task AcceptAsync()
    {
        await foreach (var socket in _listener.SocketsAsync())
        {
            lock (_clients)
            {
                _clients.Add(socket);
            }

            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync("220 mx\r\n"u8.ToArray());
            var heard = new byte[1024];
            while (await socket.ReceiveAsync(heard) is var read and > 0)
            {
                var lines = Encoding.ASCII.GetString(heard, 0, read).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
                await socket.SendAsync(Encoding.ASCII.GetBytes(
                    string.Concat(lines.Select(static line => line == "DATA" ? "354 go\r\n" : "250 yes\r\n"))));
                if (lines.Contains("DATA"))
                {
                    break;
                }
            }

            await _resumed.Task;
            var rest = new byte[64 * 1024];
            while (await socket.ReceiveAsync(rest) is var read and > 0)
            {
                Interlocked.Add(ref _read, read);
            }

            socket.Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The proxy has left, or the test is over.
        }
    }
}
