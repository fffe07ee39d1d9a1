using System.Net;
using SmtpProxy.Tls;

namespace SmtpProxy.Transport;

/// <summary>Where to connect to.</summary>
/// <param name="Address">IPv4, IPv6 or Unix-domain end point; never a name.</param>
/// <param name="Timeout">How long the connection may take to be established.</param>
public readonly record struct DialTarget(EndPoint Address, TimeSpan Timeout)
{
    /// <summary>Octets that are sent before any other, as soon as the connection is there: a PROXY header.</summary>
    public ReadOnlyMemory<byte> Preamble { get; init; }

    /// <summary>The address to connect from, although it is not this machine's (<c>IP_TRANSPARENT</c>, Linux, CAP_NET_ADMIN); of the family of
    /// <see cref="Address"/>. Null: one of this machine's.</summary>
    public IPEndPoint? From { get; init; }

    /// <summary>For whoever stands between the session and its pair: the relay is to be told who the client is before the two talk, by somebody of
    /// this name. Null: it is not.</summary>
    public string? IntroduceAs { get; init; }

    /// <summary>For whoever encrypts: how TLS is spoken to the relay; null: not.</summary>
    public RelayTls? Tls { get; init; }
}
