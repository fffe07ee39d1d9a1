using System.Net.Sockets;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>What connects to a listener of a test, one after the other, until the listener is stopped: before the wait for the next one
/// begins, which .NET tells in one way, or in it, which it tells in another.</summary>
internal static class Arrivals
{
    public static async IAsyncEnumerable<Socket> SocketsAsync(this TcpListener listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                yield break;
            }

            yield return socket;
        }
    }

    public static IAsyncEnumerable<TcpClient> ClientsAsync(this TcpListener listener) =>
        listener.SocketsAsync().Select(static socket => new TcpClient { Client = socket });
}
