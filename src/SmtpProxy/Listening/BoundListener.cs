using System.Net;
using System.Net.Sockets;
using SmtpProxy.Transport;

namespace SmtpProxy.Listening;

/// <summary>A listener that is open.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Cluster">Where its sessions go.</param>
/// <param name="Socket">What was bound.</param>
public sealed record BoundListener(string Name, string Cluster, IListening Socket)
{
    /// <summary>Where it listens, with the real port.</summary>
    public EndPoint Address => Socket.Address;

    public override string ToString() => $"{Name} {(Address is UnixDomainSocketEndPoint ? "unix:" : "")}{Address} -> {Cluster}";
}
