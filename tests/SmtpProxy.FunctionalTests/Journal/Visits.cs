using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Journal;

/// <summary>Sessions of the shortest kind, as many as are wanted: greeting, QUIT, 221.</summary>
internal static class Visits
{
    private const int AtOnce = 16;

    /// <summary>Makes them, some at a time, and demands that each is answered.</summary>
    public static Task MakeAsync(IPEndPoint proxy, int count) =>
        Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, stopped) =>
        {
            using var socket = new Socket(proxy.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(proxy, stopped);
            await ExpectAsync(socket, "220"u8.ToArray(), stopped);
            await socket.SendAsync("QUIT\r\n"u8.ToArray(), stopped);
            await ExpectAsync(socket, "221"u8.ToArray(), stopped);
        });

    private static async Task ExpectAsync(Socket socket, byte[] code, CancellationToken stopped)
    {
        var (reply, length) = (new byte[1000], 0);
        while (length == 0 || reply[length - 1] != '\n')
        {
            var read = await socket.ReceiveAsync(reply.AsMemory(length), stopped);
            Assert.NotEqual(0, read);
            length += read;
        }

        Assert.Equal(code, reply[..3]);
    }
}
