using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>An address that does not answer: its backlog is full and nobody accepts.</summary>
internal sealed class BlackHole : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private BlackHole()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
    }

    public EndPoint Address => _listener.LocalEndPoint!;

    public static async Task<BlackHole> Open()
    {
        var hole = new BlackHole();
        await hole._filler.ConnectAsync(hole.Address);
        return hole;
    }

    public void Dispose()
    {
        _filler.Dispose();
        _listener.Dispose();
    }
}
