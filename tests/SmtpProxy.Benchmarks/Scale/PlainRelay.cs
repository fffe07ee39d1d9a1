using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Benchmarks.Scale;

/// <summary>A relay that grants everything and keeps nothing, for as many connections as there are descriptors.</summary>
internal sealed class PlainRelay : IDisposable
{
    private static ReadOnlySpan<byte> Bye => "221 bye\r\n"u8;

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
        var (buffer, kept, inBody) = (new byte[2048], 0, false);
        var answers = new ArrayBufferWriter<byte>(64);
        try
        {
            await client.SendAsync("220 relay.invalid\r\n"u8.ToArray());
            while (await client.ReceiveAsync(buffer.AsMemory(kept)) is > 0 and var count)
            {
                kept += count;
                var used = Answer(buffer.AsSpan(0, kept), ref inBody, answers);
                buffer.AsSpan(used, kept - used).CopyTo(buffer);
                kept -= used;
                buffer = inBody && buffer.Length < 65536 ? [.. buffer, .. new byte[65536]] : buffer;
                if (answers.WrittenCount > 0)
                {
                    await client.SendAsync(answers.WrittenMemory);
                    if (answers.WrittenSpan.EndsWith(Bye))
                    {
                        return;
                    }

                    answers.ResetWrittenCount();
                }
            }
        }
        catch (SocketException)
        {
            // Some clients leave by RST.
        }
    }

    /// <summary>Answers whatever has come whole, pipelined or not, and returns how many octets that was.</summary>
    private static int Answer(ReadOnlySpan<byte> octets, ref bool inBody, ArrayBufferWriter<byte> answers)
    {
        var used = 0;
        while (true)
        {
            var rest = octets[used..];
            var end = rest.IndexOf(inBody ? "\r\n.\r\n"u8 : "\n"u8);
            if (end < 0)
            {
                // Four octets are enough to see the end of a message when it comes.
                return inBody ? Math.Max(used, octets.Length - 4) : used;
            }

            used += end + (inBody ? 5 : 1);
            var isData = !inBody && rest.StartsWith("DATA"u8);
            answers.Write(isData ? "354 go on\r\n"u8 : !inBody && rest.StartsWith("QUIT"u8) ? Bye : "250 ok\r\n"u8);
            inBody = isData;
        }
    }
}
