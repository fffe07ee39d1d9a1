using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SmtpProxy.FunctionalTests.Ends;

/// <summary>A relay that gives its verdict on a message only when its client says no more, and then closes: as one does that was too slow.</summary>
internal sealed class LateRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;

    public LateRelay()
    {
        _listener.Start(100);
        _accepting = AcceptAsync();
    }

    /// <summary>What it makes of a message.</summary>
    public string Verdict { get; set; } = "250 2.0.0 queued";

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

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.Latin1);
                var (inBody, hasMessage) = (false, false);
                for (var line = ""; line is not null; line = await reader.ReadLineAsync())
                {
                    if (inBody)
                    {
                        (inBody, hasMessage) = (line != ".", hasMessage || line == ".");
                        continue;
                    }

                    inBody = line.Equals("DATA", StringComparison.OrdinalIgnoreCase);
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(line.Length == 0 ? "220 relay\r\n"
                        : inBody ? "354 go\r\n"
                        : line.StartsWith("EHLO", StringComparison.OrdinalIgnoreCase) ? "250-relay\r\n250 8BITMIME\r\n"
                        : "250 ok\r\n"));
                }

                await stream.WriteAsync(Encoding.Latin1.GetBytes(hasMessage ? Verdict + "\r\n" : ""));
            }
            catch (IOException)
            {
                // The session is over.
            }
        }
    }
}
