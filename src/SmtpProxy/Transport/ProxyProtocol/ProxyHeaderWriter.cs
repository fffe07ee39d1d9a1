using System.Net;
using System.Net.Sockets;

namespace SmtpProxy.Transport.ProxyProtocol;

/// <summary>Writes PROXY headers.</summary>
public static class ProxyHeaderWriter
{
    /// <summary>The header for a client's connection; empty for no version. Who has no IP address is UNKNOWN
    /// (version 1) or unspecified (2).</summary>
    /// <param name="version">Which kind.</param>
    /// <param name="client">The client.</param>
    /// <param name="local">The address that it connected to.</param>
    public static byte[] For(ProxyVersion version, EndPoint client, EndPoint local)
    {
        var (source, destination) = (client as IPEndPoint, local as IPEndPoint);
        if (source is not null && destination is not null && source.AddressFamily != destination.AddressFamily)
        {
            // A header has one family.
            (source, destination) = (InV6(source), InV6(destination));
        }

        return version switch
        {
            ProxyVersion.V1 => ProxyLine.Write(source, destination),
            ProxyVersion.V2 => BinaryProxyHeader.Write(source, destination, local: false),
            _ => [],
        };
    }

    /// <summary>The header for a connection of our own, such as a probe: LOCAL. Version 1 has UNKNOWN for it, which Postfix refuses; the
    /// addresses that the connection has anyway are taken by everybody.</summary>
    /// <param name="version">Which kind.</param>
    /// <param name="local">Our end.</param>
    /// <param name="remote">The relay's.</param>
    public static byte[] ForOwn(ProxyVersion version, EndPoint local, EndPoint remote) =>
        version == ProxyVersion.V2 ? BinaryProxyHeader.Write(null, null, local: true) : For(version, local, remote);

    private static IPEndPoint InV6(IPEndPoint address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? new IPEndPoint(address.Address.MapToIPv6(), address.Port) : address;
}
