using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Benchmarks.Scale;

/// <summary>A relay that grants everything and keeps nothing, for as many connections as there are descriptors.</summary>
internal sealed class PlainRelay : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public PlainRelay()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4096);
        _ = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
        }
        catch (SocketException)
        {
            // It was closed.
        }
    }

    private static async Task ServeAsync(Socket client)
    {
        using var owned = client;
        client.NoDelay = true;
        // A session that waits has a small buffer; one that sends a message gets a large one.
        var (buffer, kept, inBody) = (new byte[512], 0, false);
        try
        {
            await client.SendAsync("220 relay.invalid\r\n"u8.ToArray());
            while (await client.ReceiveAsync(buffer.AsMemory(kept)) is > 0 and var count)
            {
                kept += count;
                if (inBody && !buffer.AsSpan(0, kept).EndsWith("\r\n.\r\n"u8))
                {
                    // Five octets are enough to see the end when it comes.
                    var rest = Math.Min(kept, 4);
                    buffer.AsSpan(kept - rest, rest).CopyTo(buffer);
                    kept = rest;
                    continue;
                }

                if (buffer[kept - 1] != (byte)'\n')
                {
                    continue;
                }

                var isData = !inBody && buffer.AsSpan(0, kept).StartsWith("DATA"u8);
                var quits = !inBody && buffer.AsSpan(0, kept).StartsWith("QUIT"u8);
                await client.SendAsync(isData ? "354 go on\r\n"u8.ToArray() : quits ? "221 bye\r\n"u8.ToArray() : "250 ok\r\n"u8.ToArray());
                (inBody, kept) = (isData, 0);
                buffer = inBody && buffer.Length < 65536 ? new byte[65536] : buffer;
                if (quits)
                {
                    return;
                }
            }
        }
        catch (SocketException)
        {
            // Some clients leave by RST.
        }
    }
}
