using System.Net;
using System.Text;
using SmtpProxy.Transport;

namespace SmtpProxy.Cli.Running;

/// <summary>
/// Asks the HTTP side once for what it is asked for in need. What it is made of is loaded by the first request, each part from a file that
/// has to be opened; a part that could not be, for want of descriptors, is lost until the process ends.
/// </summary>
internal static partial class AdminWarmUp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string[] Paths = ["/metrics", "/readyz", "/api/v1/upstreams", "/"];

    /// <summary>Asks, and reads the answers. That it cannot is no reason not to start.</summary>
    /// <param name="urls">Where HTTP is served; over TLS it is not asked.</param>
    /// <param name="token">The token that it wants; null: none.</param>
    /// <param name="log">Where it is told that it did not go well.</param>
    /// <param name="stopping">The process is to end: nobody will ask any more.</param>
    public static async Task RunAsync(IEnumerable<string> urls, string? token, ILogger log, CancellationToken stopping)
    {
        if (urls.Select(static url => new Uri(url)).FirstOrDefault(static url => url.Scheme == Uri.UriSchemeHttp) is not { } address)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            foreach (var path in Paths)
            {
                await AskAsync(address, path, token, patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or OperationCanceledException)
        {
            if (!stopping.IsCancellationRequested)
            {
                LogCold(log, e.Message);
            }
        }
    }

    private static async Task AskAsync(Uri server, string path, string? token, CancellationToken cancel)
    {
        var (stream, _) = await OutgoingStream.ConnectAsync(Loopback(server), cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var authorization = token is null ? "" : $"Authorization: Bearer {token}\r\n";
            var request = $"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\n{authorization}Connection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request), cancel).ConfigureAwait(false);
            await stream.CopyToAsync(Stream.Null, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Who listens on all addresses, or under a name, listens on this machine's own.</summary>
    private static IPEndPoint Loopback(Uri server) => IPAddress.TryParse(server.DnsSafeHost, out var address)
        ? new IPEndPoint(address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address, server.Port)
        : new IPEndPoint(IPAddress.Loopback, server.Port);

    [LoggerMessage(EventId = 114, Level = LogLevel.Warning,
        Message = "The HTTP side could not be asked for its own pages, and will load its parts when it is: {Cause}")]
    private static partial void LogCold(ILogger log, string cause);
}
