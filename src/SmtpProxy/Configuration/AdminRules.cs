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

    // Kestrel's own forms http://*:80 and http://+:80 are no URIs.
    private static bool IsUrl(string text) =>
        Uri.TryCreate(text.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal), UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
        && url.AbsolutePath == "/";
}
