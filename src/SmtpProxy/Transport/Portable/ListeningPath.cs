using System.Net;
using System.Net.Sockets;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Portable;

/// <summary>
/// The address of a Unix-domain socket that listens, for <see cref="Socket"/>. Of .NET's own, two things do not suit. A client may have
/// bound itself to a path, and there is room for one a little longer than the listener's only: a longer one ends the process, in a thread
/// of the runtime. And with the socket the file of that path goes, whoever's it is by then. Clients go by this address, whatever they call
/// themselves.
/// </summary>
internal sealed class ListeningPath : EndPoint
{
    /// <summary>Of every address (<c>struct sockaddr_storage</c>).</summary>
    private const int MostOctets = 128;

    private readonly EndPoint _address;

    /// <summary>Null: what it is asked for next is room for the address of a client.</summary>
    private SocketAddress? _toBind;

    private ListeningPath(EndPoint address, SocketAddress toBind) => (_address, _toBind) = (address, toBind);

    public override AddressFamily AddressFamily => AddressFamily.Unix;

    /// <summary>Binds a socket to a path.</summary>
    /// <param name="socket">Of Unix-domain.</param>
    /// <param name="path">The path.</param>
    public static void Bind(Socket socket, UnixDomainSocketEndPoint path) => Bind(socket, path, path.Serialize());

    /// <summary>Takes the place of a socket that listens already.</summary>
    /// <param name="listening">The socket; it is closed.</param>
    public static Socket TakeOver(Socket listening)
    {
        using (listening)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            // It must be bound to anything before it can listen. Without a name the kernel gives it one (unix(7), autobind).
            Bind(socket, Sockets.Local(listening), new SocketAddress(AddressFamily.Unix, sizeof(ushort)));
            if (Libc.Duplicate((int)listening.Handle, (int)socket.Handle, SocketConstants.CloseOnExec) < 0)
            {
                socket.Dispose();
                throw new SocketException((int)SocketError.SocketError);
            }

            // As many may wait as systemd lets, if it is told nothing else: the system's most.
            socket.Listen(int.MaxValue);
            return socket;
        }
    }

    public override EndPoint Create(SocketAddress socketAddress) => _address;

    public override SocketAddress Serialize() => _toBind ?? new SocketAddress(AddressFamily.Unix, MostOctets);

    public override string ToString() => $"{_address}";

    private static void Bind(Socket socket, EndPoint address, SocketAddress octets)
    {
        var path = new ListeningPath(address, octets);
        socket.Bind(path);
        path._toBind = null;
    }
}
