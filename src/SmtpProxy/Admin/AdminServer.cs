using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SmtpProxy.Admin;

/// <summary>Bounds of the HTTP server itself, so that nobody who can reach it takes descriptors and memory from the mail: connections that
/// say nothing, or say it slowly, go soon, and there are never more than so many.</summary>
internal static class AdminServer
{
    private const int Connections = 256;
    private const int Upgraded = 64;

    /// <summary>An idle connection is asked again by most scrapers within this time; the others make a new one.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(65);

    private static readonly TimeSpan Headers = TimeSpan.FromSeconds(10);

    /// <summary>256 KiB then take about a minute at most.</summary>
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 4096, gracePeriod: TimeSpan.FromSeconds(5));

    /// <summary>How many connections there may be.</summary>
    /// <param name="kept">Those for which descriptors are kept; null: as many as you like.</param>
    public static int MostConnections(int? kept) => Math.Min(Connections, kept ?? Connections);

    /// <summary>Sets all others.</summary>
    /// <param name="server">The server.</param>
    /// <remarks>What a request may have of headers stays Kestrel's own: 32 KiB, 100 fields, 8 KiB for its first line.</remarks>
    public static void Bound(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxConcurrentUpgradedConnections = Upgraded;
        server.Limits.KeepAliveTimeout = Idle;
        server.Limits.RequestHeadersTimeout = Headers;
        server.Limits.MinRequestBodyDataRate = Slowest;
    }
}
