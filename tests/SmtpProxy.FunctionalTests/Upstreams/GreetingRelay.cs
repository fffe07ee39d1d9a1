using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Upstreams;

/// <summary>A relay that greets, or does not, and answers every command with 250 and its name; 221 to QUIT.</summary>
internal sealed class GreetingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string? _greeting;
    private readonly string _name;
    private readonly Task _accepting;
    private readonly List<Task> _sessions = [];

    /// <param name="name">What it calls itself.</param>
    /// <param name="greeting">Its greeting; null: it closes instead.</param>
    public GreetingRelay(string name, string? greeting)
    {
        (_name, _greeting) = (name, greeting);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var tcp = await _listener.AcceptTcpClientAsync();
                Connections++;
                _sessions.Add(TalkAsync(tcp));
            }
        }
        catch (SocketException)
        {
            // Stopped.
        }
        catch (ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task TalkAsync(TcpClient tcp)
    {
        using var _ = tcp;
        if (_greeting is null)
        {
            return;
        }

        try
        {
            var stream = tcp.GetStream();
            using var lines = new StreamReader(stream, Encoding.Latin1);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(_greeting + "\r\n"));
            while (await lines.ReadLineAsync() is { } line)
            {
                await stream.WriteAsync(Encoding.Latin1.GetBytes(line == "QUIT" ? "221 bye\r\n" : $"250 {_name}\r\n"));
                if (line == "QUIT")
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The proxy is gone.
        }
    }
}
