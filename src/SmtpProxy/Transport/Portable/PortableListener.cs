using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Transport.Portable;

/// <summary>A listening socket and the loop that accepts from it.</summary>
internal sealed class PortableListener : IListening
{
    /// <summary>How long to wait when the system has no descriptors or memory for another connection; those that wait stay in the backlog.</summary>
    private static readonly TimeSpan _outOfResources = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Action<Socket, EndPoint> _accepted;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;

    public PortableListener(EndPoint address, ListenOptions options, Action<Socket, EndPoint> accepted, ILogger log)
    {
        _accepted = accepted;
        _log = log;
        _socket = Bind(address, options);
        Address = Sockets.Local(_socket);
        _accepting = AcceptAsync();
    }

    public EndPoint Address { get; }

    public void Stop()
    {
        _stopped.Cancel();
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _accepting.ConfigureAwait(false);
    }

    private static Socket Bind(EndPoint address, ListenOptions options)
    {
        Socket? socket = null;
        try
        {
            socket = Sockets.Create(address);
            if (address is IPEndPoint { Address: var ip } && ip.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(address);
            socket.Listen(options.Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new TransportException($"Cannot listen on {address}: {e.Message}", e);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                _accepted(await _socket.AcceptAsync(_stopped.Token).ConfigureAwait(false), Address);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // The peer gave up while it waited.
            }
            catch (SocketException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                TransportLog.NotAccepting(_log, Address, e.Message);
                await Task.Delay(_outOfResources, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
