namespace SmtpProxy.Transport;

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

    /// <summary>Leave: a firewall of this machine, the mode of a socket's file, or a missing privilege (EACCES,
    /// EPERM). Another peer may do.</summary>
    Permission,
}
