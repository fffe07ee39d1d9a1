using System.Net;
using System.Net.Sockets;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

/// <summary>A listening socket and the loop that accepts from it.</summary>
internal sealed class PortableListener : IListening
{
    /// <summary>How long to wait when the system has no descriptors or memory for another connection; those that
    /// wait stay in the backlog.</summary>
    private static readonly TimeSpan _outOfResources = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly SocketFile? _file;
    private readonly Action<Socket, EndPoint> _accepted;
    private readonly ConnectionBudget _budget;
    private readonly Reminder _paused = new();
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;

    public PortableListener(EndPoint address, ListenOptions options, Action<Socket, EndPoint> accepted, ConnectionBudget budget,
        ILogger log)
    {
        _accepted = accepted;
        _budget = budget;
        _log = log;
        _socket = options.Inherited is { } descriptor ? Adopt(address, descriptor) : Bind(address, options);
        _file = options.Inherited is null ? SocketFile.Bound(address) : null;
        Address = Sockets.Local(_socket);
        _accepting = AcceptAsync();
    }

    public EndPoint Address { get; }

    public void Stop()
    {
        _stopped.Cancel();
        _socket.Dispose();
        _file?.Delete();
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
            var file = SocketFile.Of(address);
            file?.ClearStale();
            socket = Sockets.Create(address);
            if (address is IPEndPoint { Address: var ip } && ip.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            if (options.ReusePort)
            {
                Sockets.Set(socket, Sockets.LevelSocket, Sockets.ReusePort);
            }

            if (options.Transparent)
            {
                Sockets.MakeTransparent(socket);
            }

            if (address is UnixDomainSocketEndPoint path)
            {
                ListeningPath.Bind(socket, path);
            }
            else
            {
                socket.Bind(address);
            }

            file?.Permit(options.Mode);
            socket.Listen(options.Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new TransportException($"Cannot listen on {address}: {e.Message}", e);
        }
        catch (TransportException)
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a socket that listens already.</summary>
    private static Socket Adopt(EndPoint address, int descriptor)
    {
        try
        {
            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not (int and not 0))
            {
                throw new TransportException(
                    $"Cannot listen on {address}: the socket that was passed does not listen; pass a stream socket that does.");
            }

            return socket.AddressFamily == AddressFamily.Unix ? ListeningPath.TakeOver(socket) : socket;
        }
        catch (SocketException e)
        {
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
            catch (Exception) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Also what the runtime should not throw, as it does of addresses that it does not expect: others come after this one.
                if (e is SocketException { SocketErrorCode: var error } && Shortages.Of(error) is not Shortage.None and var lacking)
                {
                    _budget.Met(lacking);
                }

                if (_paused.IsDue())
                {
                    TransportLog.NotAccepting(_log, Address, e.Message);
                }

                await Task.Delay(_outOfResources, _stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
