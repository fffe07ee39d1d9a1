using System.Net.Sockets;
using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>The far end of a connection, on a plain socket.</summary>
internal sealed class Peer(Socket socket) : IDisposable
{
    public Socket Socket => socket;

    public Task Says(string text) => Says(Encoding.Latin1.GetBytes(text));

    public async Task Says(ReadOnlyMemory<byte> octets)
    {
        using var patience = new CancellationTokenSource(Rig.Patience);
        while (!octets.IsEmpty)
        {
            octets = octets[await socket.SendAsync(octets, SocketFlags.None, patience.Token)..];
        }
    }

    /// <summary>Sends in pieces of random sizes.</summary>
    public async Task SaysInPieces(ReadOnlyMemory<byte> octets, int seed)
    {
        var random = new Random(seed);
        while (!octets.IsEmpty)
        {
            var size = Math.Min(octets.Length, random.Next(10) == 0 ? random.Next(1, 200_000) : random.Next(1, 3_000));
            await Says(octets[..size]);
            octets = octets[size..];
        }
    }

    /// <summary>FIN; reading goes on.</summary>
    public void Fin() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>RST.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    /// <summary>Exactly this much text.</summary>
    public async Task Hears(string text) => Assert.Equal(text, Encoding.Latin1.GetString(await Read(text.Length)));

    /// <summary>Exactly so many octets, or fewer when the connection ends before.</summary>
    public async Task<byte[]> Read(int count)
    {
        using var patience = new CancellationTokenSource(Rig.Patience);
        var octets = new byte[count];
        var at = 0;
        while (at < count && await socket.ReceiveAsync(octets.AsMemory(at), SocketFlags.None, patience.Token) is var read and > 0)
        {
            at += read;
        }

        return octets[..at];
    }

    /// <summary>Everything up to the end of the connection, and how it ended.</summary>
    public async Task<(byte[] Octets, EndKind End)> ReadToEnd()
    {
        using var patience = new CancellationTokenSource(Rig.Patience);
        using var octets = new MemoryStream();
        var buffer = new byte[65_536];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, patience.Token) is var read and > 0)
            {
                octets.Write(buffer, 0, read);
            }

            return (octets.ToArray(), EndKind.Fin);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return (octets.ToArray(), EndKind.Reset);
        }
    }

    /// <summary>The connection ends like this, and nothing comes before.</summary>
    public async Task Ends(EndKind how)
    {
        var (octets, end) = await ReadToEnd();
        Assert.Equal((0, how), (octets.Length, end));
    }

    public void Dispose() => socket.Dispose();
}
