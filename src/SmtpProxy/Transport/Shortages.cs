using System.Net.Sockets;

namespace SmtpProxy.Transport;

/// <summary>Tells errors of this machine from those of a peer or the network.</summary>
public static class Shortages
{
    /// <summary>What an error of a socket says is lacking.</summary>
    public static Shortage Of(SocketError error) => error switch
    {
        SocketError.TooManyOpenSockets => Shortage.Descriptors,
        SocketError.NoBufferSpaceAvailable => Shortage.Memory,
        SocketError.AddressNotAvailable => Shortage.Ports,
        SocketError.AccessDenied => Shortage.Permission,
        _ => Shortage.None,
    };

    /// <summary>Whether trying another peer is of use.</summary>
    public static bool ConcernsOnePeer(this Shortage shortage) => shortage is Shortage.Ports or Shortage.Permission;

    /// <summary>Its name as a limit that was met (<c>smtpproxy.limit</c>).</summary>
    public static string Name(this Shortage shortage) => shortage switch
    {
        Shortage.Descriptors => "descriptors",
        Shortage.Memory => "kernel_memory",
        Shortage.Ports => "local_ports",
        _ => "local_permission",
    };
}
