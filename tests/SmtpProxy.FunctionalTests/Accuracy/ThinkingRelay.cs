using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Accuracy;

/// <summary>A relay for one client that thinks before each reply, and adds up how long it did: from when it had a command until it had
/// handed over the reply. On a thread of its own, so that what else the tests do does not make it slow.</summary>
internal sealed class ThinkingRelay : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Thinker _thinker;
    private readonly Thread _serving;

    public ThinkingRelay(Thinker thinker)
    {
        _thinker = thinker;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _serving = new Thread(Serve) { IsBackground = true };
        _serving.Start();
    }

    public string Address => $"smtp://{_listener.LocalEndPoint}";

    /// <summary>Who thought, when the client has left.</summary>
    public Thinker Thinker()
    {
        _serving.Join();
        return _thinker;
    }

    public void Dispose() => _listener.Dispose();

    private void Serve()
    {
        try
        {
            using var socket = _listener.Accept();
            socket.NoDelay = true;
            using var reader = new StreamReader(new NetworkStream(socket), Encoding.Latin1);
            for (var line = ""; line is not null; line = reader.ReadLine())
            {
                var reply = line.Length == 0 ? "220 ready\r\n" : line == "QUIT" ? "221 bye\r\n" : "250 ok\r\n";
                _thinker.Answer(() => socket.Send(Encoding.ASCII.GetBytes(reply)));
            }
        }
        catch (SocketException)
        {
            // Nobody came.
        }
    }
}
