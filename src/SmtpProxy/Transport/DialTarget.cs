using System.Net;

namespace SmtpProxy.Transport;

/// <summary>Where to connect to.</summary>
/// <param name="Address">IPv4, IPv6 or Unix-domain end point; never a name.</param>
/// <param name="Timeout">How long the connection may take to be established.</param>
public readonly record struct DialTarget(EndPoint Address, TimeSpan Timeout)
{
    /// <summary>Octets that are sent before any other, as soon as the connection is there: a PROXY header.</summary>
    public ReadOnlyMemory<byte> Preamble { get; init; }

    /// <summary>The address to connect from, although it is not this machine's (<c>IP_TRANSPARENT</c>, Linux, CAP_NET_ADMIN); of the family
    /// of <see cref="Address"/>. Null: one of this machine's.</summary>
    public IPEndPoint? From { get; init; }
}
