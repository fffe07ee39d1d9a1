using System.Net;

namespace SmtpProxy.Configuration;

/// <summary>What the end points of the HTTP server must be (<c>Kestrel:Endpoints</c>): there is one, and each has a URL. Without this the server
/// would open a port that nobody asked for.</summary>
internal static class AdminRules
{
    private const string Remedy = "such as http://127.0.0.1:9025";

    /// <summary>What is wrong.</summary>
    public static IEnumerable<Problem> Check(IConfigurationSection server)
    {
        var endpoints = server.GetSection("Endpoints").GetChildren().ToArray();
        if (endpoints.Length == 0)
        {
            yield return Problem.At($"{Roots.Http}:Endpoints:Admin:Url", $"missing; write where the admin side listens, {Remedy}");
        }

        foreach (var endpoint in endpoints)
        {
            if (endpoint["Url"] is not { Length: > 0 } url)
            {
                yield return Problem.At($"{endpoint.Path}:Url", $"missing; write where it listens, {Remedy}");
            }
            else if (!IsUrl(url))
            {
                yield return Problem.At($"{endpoint.Path}:Url", $"'{url}' is not http://ADDRESS:PORT or https://ADDRESS:PORT; write a URL {Remedy}");
            }
        }
    }

    /// <summary>Where the end points listen, as far as they name an IP address or localhost.</summary>
    public static IEnumerable<(string Key, IPEndPoint Address)> Addresses(IConfigurationSection server)
    {
        foreach (var endpoint in server.GetSection("Endpoints").GetChildren())
        {
            if (endpoint["Url"] is { } url && Uri.TryCreate(url, UriKind.Absolute, out var uri)
                && ListenAddress.TryParse(uri.Authority.EndsWith($":{uri.Port}", StringComparison.Ordinal) ? uri.Authority : $"{uri.Authority}:{uri.Port}", out var address, out _))
            {
                yield return ($"{endpoint.Path}:Url", address!);
            }
        }
    }

    // Kestrel's own forms http://*:80 and http://+:80 are no URIs.
    private static bool IsUrl(string text) =>
        Uri.TryCreate(text.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal), UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.AbsolutePath == "/";
}
