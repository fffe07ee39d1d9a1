using System.Net;

namespace SmtpProxy.Protocol.Connections;

/// <summary>Brings addresses into the one form in which they are compared, counted and written.</summary>
public static class AddressExtensions
{
    /// <summary>An IPv4 address that came over an IPv6 socket (<c>::ffff:192.0.2.1</c>, RFC 4291 2.5.5.2) as the IPv4 address that it is;
    /// any other as it is.</summary>
    public static IPAddress Unmapped(this IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    /// <summary>As <see cref="Unmapped(IPAddress)"/>, with its port; an end point that has no IP address (Unix-domain) as it is.</summary>
    public static EndPoint Unmapped(this EndPoint endPoint) =>
        endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } ip ? new IPEndPoint(ip.Address.MapToIPv4(), ip.Port) : endPoint;
}
