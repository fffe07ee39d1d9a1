using System.Net.Sockets;

namespace SmtpProxy.Transport.Resources;

/// <summary>What this machine, or this process, lacks for a connection that it was to make. It says nothing about the peer.</summary>
public enum Shortage : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>File descriptors, of the process (EMFILE) or of the machine (ENFILE): no other connection can be made either.</summary>
    Descriptors,

    /// <summary>Memory of the kernel (ENOMEM, ENOBUFS): no other connection can be made either.</summary>
    Memory,

    /// <summary>A free local port, or any local address from which the peer can be reached (EADDRNOTAVAIL). Another peer may do.</summary>
    Ports,

    /// <summary>Leave: a firewall of this machine, the mode of a socket's file, or a missing privilege (EACCES, EPERM). Another peer may do.</summary>
    Permission,
}

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
