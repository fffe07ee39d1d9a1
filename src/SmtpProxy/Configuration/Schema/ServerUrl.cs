using System.Net;

namespace SmtpProxy.Configuration.Schema;

/// <summary>Where the HTTP server listens.</summary>
/// <param name="Address">The address; of localhost the IPv4 one.</param>
/// <param name="IsHttps">Whether by TLS.</param>
internal sealed record ServerUrl(IPEndPoint Address, bool IsHttps)
{
    private const string Remedy = "write a URL such as http://127.0.0.1:9025";

    /// <summary>Reads a URL.</summary>
    /// <param name="text">The URL.</param>
    /// <param name="url">What it says; null when it cannot be listened on.</param>
    /// <returns>What is wrong and the remedy; null when nothing is.</returns>
    public static string? TryParse(string text, out ServerUrl? url)
    {
        url = null;
        var shown = Secrets.WithoutPassword(text);
        // The server's own forms http://*:80 and http://+:80 are no URIs.
        var isAny = text.Contains("://*", StringComparison.Ordinal) || text.Contains("://+", StringComparison.Ordinal);
        if (!Uri.TryCreate(isAny ? text.Replace("://*", "://[::]", StringComparison.Ordinal)
            .Replace("://+", "://[::]", StringComparison.Ordinal) : text, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.Host.Length == 0)
        {
            return $"'{shown}' is not http://ADDRESS:PORT or https://ADDRESS:PORT; {Remedy}";
        }

        var isLocalhost = uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        if (!isLocalhost && !IPAddress.TryParse(uri.DnsSafeHost, out _))
        {
            return $"'{shown}' has a name, and would be listened on at every address; write an IP address, localhost, or * for every " +
                $"address";
        }

        if (uri.PathAndQuery != "/" || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            return $"'{shown}' has more than an address and a port; write {uri.Scheme}://{uri.Authority.Split('@')[^1]}";
        }

        if (isLocalhost && uri.Port == 0)
        {
            return $"'{shown}' would be two free ports, one for IPv4 and one for IPv6; write http://127.0.0.1:0";
        }

        var address = isLocalhost ? IPAddress.Loopback : IPAddress.Parse(uri.DnsSafeHost);
        url = new ServerUrl(new IPEndPoint(address, uri.Port), uri.Scheme == Uri.UriSchemeHttps);
        return null;
    }

}
