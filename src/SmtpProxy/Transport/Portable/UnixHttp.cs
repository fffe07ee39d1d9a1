using System.Net.Sockets;

namespace SmtpProxy.Transport.Portable;

/// <summary>HTTP to a server that listens on a Unix-domain socket.</summary>
internal static class UnixHttp
{
    /// <summary>How an HTTP client connects to it.</summary>
    /// <param name="path">Of the socket.</param>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> To(string path) => async (_, cancel) =>
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    };
}
