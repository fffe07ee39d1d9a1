using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>A relay that answers every line with 250 and remembers nothing, so that only the proxy's memory is at stake.</summary>
internal sealed class YesRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;

    public YesRelay()
    {
        _listener.Start(1000);
        _accepting = AcceptAsync();
    }

    /// <summary>As a destination's address.</summary>
    public string Address => $"smtp://{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = TalkAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private static async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                await stream.WriteAsync("220 yes\r\n"u8.ToArray());
                var heard = new byte[16 * 1024];
                while (await stream.ReadAsync(heard) is var read and > 0)
                {
                    var lines = heard.AsSpan(0, read).Count((byte)'\n');
                    await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("250 yes\r\n", lines))));
                }
            }
            catch (IOException)
            {
                // The session is over.
            }
        }
    }
}
