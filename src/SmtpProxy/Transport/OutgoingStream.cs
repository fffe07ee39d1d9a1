using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Transport;

/// <summary>Connections without a session, as streams: for probes of relays.</summary>
public static class OutgoingStream
{
    /// <summary>Connects.</summary>
    /// <returns>The connection, which disposing closes, and our end of it.</returns>
    /// <exception cref="SocketException">It cannot be made.</exception>
    public static async Task<(Stream Stream, EndPoint Local)> ConnectAsync(EndPoint address, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(address);
        var socket = new Socket(address.AddressFamily, SocketType.Stream,
            address is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            // Who speaks in turns waits for no acknowledgement of the words before.
            socket.NoDelay = address is IPEndPoint;
            await socket.ConnectAsync(address, cancel).ConfigureAwait(false);
            return (new NetworkStream(socket, ownsSocket: true), socket.LocalEndPoint!);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
