using System.Net;

namespace SmtpProxy.Admin;

/// <summary>Holds the admin side's settings against what is safe, before anything runs.</summary>
public static class AdminValidator
{
    private const int ShortestToken = 16;
    private static readonly string[] MayBeAnonymous = ["/metrics", "/healthz", "/readyz"];

    /// <summary>What is wrong, each with the key's full path and the remedy; empty when all is well. The token is never repeated.</summary>
    public static IEnumerable<string> Validate(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = configuration.GetSection(AdminOptions.Section).Get<AdminOptions>() ?? new AdminOptions();
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            if (options.BearerToken is null && endpoint["Url"] is { } url && !IsLoopback(url))
            {
                yield return $"Kestrel:Endpoints:{endpoint.Key}:Url: {url} can be reached from other machines; set " +
                    $"{AdminOptions.Section}:BearerToken, or listen on 127.0.0.1";
            }
        }

        if (options.BearerToken is { Length: < ShortestToken })
        {
            yield return $"{AdminOptions.Section}:BearerToken: shorter than {ShortestToken} characters; make one with: openssl rand " +
                $"-hex 24";
        }

        if (options.BearerToken is { } token && token.Any(static c => c is <= ' ' or > '~'))
        {
            yield return $"{AdminOptions.Section}:BearerToken: has a space, a line end or a character beyond ASCII, which a header " +
                $"cannot carry; make one with: openssl rand -hex 24";
        }

        foreach (var path in options.AnonymousPaths.Except(MayBeAnonymous))
        {
            yield return $"{AdminOptions.Section}:AllowAnonymous: \"{path}\" cannot be exempted from the token; only " +
                $"{string.Join(", ", MayBeAnonymous)} can";
        }
    }

    /// <summary>Whether an URL of Kestrel's is reachable from this machine only.</summary>
    internal static bool IsLoopback(string url) =>
        // Kestrel's * and + are every address, and no URI.
        !url.Contains("//*", StringComparison.Ordinal) && !url.Contains("//+", StringComparison.Ordinal)
        && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)));
}
