using System.Net;
using System.Net.Http.Headers;
using SmtpProxy.Transport.Portable;

namespace SmtpProxy.Cli.Health;

/// <summary>The way from this machine to an admin address as Kestrel is given it: <c>http://*:9025</c>, <c>https://0.0.0.0:9025</c>,
/// <c>http://unix:/run/admin.sock</c>.</summary>
internal sealed class AdminDoor : IDisposable
{
    private const string Unix = "unix:";
    private readonly HttpClient _http;

    /// <summary>Opens it.</summary>
    /// <param name="url">The address.</param>
    /// <param name="token">The token that it asks for; null: none.</param>
    /// <param name="patience">How long an answer may take.</param>
    /// <exception cref="UriFormatException">It is no address.</exception>
    public AdminDoor(string url, string? token, TimeSpan patience)
    {
        var handler = new SocketsHttpHandler
        {
            // Nobody's proxy is on the way to this machine.
            UseProxy = false,
#pragma warning disable CA5359 // The certificate has the name by which others come; this one asks its own machine.
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
        };
        var (scheme, rest) = url.Split("://", 2) is [var before, var after]
            ? (before, after) : throw new UriFormatException($"\"{url}\" is no URL");
        if (scheme is not ("http" or "https"))
        {
            throw new UriFormatException($"nothing is served over {scheme}; write an admin address such as http://127.0.0.1:9025");
        }

        if (rest.StartsWith(Unix, StringComparison.OrdinalIgnoreCase))
        {
            handler.ConnectCallback = UnixHttp.To(rest[Unix.Length..]);
            rest = "localhost";
        }

        var address =
            new UriBuilder(
                new Uri($"{scheme}://" +
                    $"{rest.Replace("*:", "127.0.0.1:", StringComparison.Ordinal).Replace("+:", "127.0.0.1:", StringComparison.Ordinal)}"));
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var listened))
        {
            // What listens on every address is asked on this machine's own.
            address.Host = (listened.Equals(IPAddress.Any)
                ? IPAddress.Loopback : listened.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listened).ToString();
        }

        _http = new HttpClient(handler) { BaseAddress = address.Uri, Timeout = patience };
        if (!string.IsNullOrEmpty(token))
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Where it leads.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>The code of the answer to a GET.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HttpRequestException">Nobody answers.</exception>
    /// <exception cref="OperationCanceledException">The answer takes too long.</exception>
    public async Task<HttpStatusCode> AskAsync(string path, CancellationToken cancel)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel).ConfigureAwait(false);
        return response.StatusCode;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
