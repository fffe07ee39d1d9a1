using System.Globalization;
using System.Net;

namespace SmtpProxy.Upstreams.Relays;

/// <summary>The address of a relay as it is configured: <c>smtp://host[:port]</c>, and nothing else.</summary>
/// <param name="Host">A name or an IP address, without brackets.</param>
/// <param name="Port">1-65535; 25 unless written (465 for smtps).</param>
/// <param name="IsImplicitTls"><c>smtps://</c> (RFC 8314).</param>
internal sealed record RelayAddress(string Host, int Port, bool IsImplicitTls)
{
    private const int SmtpPort = 25;
    private const int SmtpsPort = 465;
    private const string MoreThanHostAndPort = "has more than host and port; write smtp://host:25, credentials are the client's matter";

    /// <summary>The end point, when the host is an IP address; otherwise null.</summary>
    public IPEndPoint? EndPoint { get; } = IPAddress.TryParse(Host, out var address) ? new IPEndPoint(address, Port) : null;

    /// <summary>Whether an address means SMTP at all, well-formed or not.</summary>
    public static bool IsSmtp(string? address) => address is not null
        && (address.StartsWith("smtp:", StringComparison.OrdinalIgnoreCase)
            || address.StartsWith("smtps:", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads an address.</summary>
    /// <returns>Null and the address, or what is wrong and what would be right.</returns>
    public static string? TryRead(string? text, out RelayAddress? address)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return "is empty; write smtp://host:25";
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            // Without the text: it may hold a password.
            return MoreThanHostAndPort;
        }

        if (!text.Contains("://", StringComparison.Ordinal))
        {
            return $"\"{text}\" is not an SMTP address; write smtp://{text}";
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            return $"\"{text}\" is not an SMTP address; write smtp://host:25, and an IPv6 address in brackets";
        }

        var isTls = uri.Scheme.Equals("smtps", StringComparison.OrdinalIgnoreCase);
        if (!isTls && !uri.Scheme.Equals("smtp", StringComparison.OrdinalIgnoreCase))
        {
            return $"\"{text}\" has the scheme {uri.Scheme}; a relay is smtp://host:25";
        }

        if (uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return MoreThanHostAndPort;
        }

        if (uri.Port == 0)
        {
            return $"\"{text}\" has port 0; write the port on which the relay listens, such as smtp://{uri.Host}:25";
        }

        address = new RelayAddress(HostOf(uri), uri.Port > 0 ? uri.Port : isTls ? SmtpsPort : SmtpPort, isTls);
        return null;
    }

    /// <summary>In a URI the % before the name of a scope is written %25 (RFC 6874, section 2).</summary>
    private static string HostOf(Uri uri) => uri.IdnHost.IndexOf("%25", StringComparison.Ordinal) is var at and > 0
        && at + 3 < uri.IdnHost.Length && char.IsAsciiLetter(uri.IdnHost[at + 3])
        ? uri.IdnHost.Remove(at + 1, 2) : uri.IdnHost;

    /// <summary>The same relay at one of its IP addresses.</summary>
    public RelayAddress At(IPAddress address) => this with { Host = address.ToString() };

    /// <summary>As it is configured, with its port.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(IsImplicitTls ? "smtps" : "smtp")}://{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}");
}
