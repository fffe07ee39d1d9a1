using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary><c>/api/v1/upstreams</c>: the relays, and taking one out of service.</summary>
internal static class RelaysApi
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the paths.</summary>
    public static void MapRelays(this RouteGroupBuilder own)
    {
        own.MapMethods("/api/v1/upstreams", Read, static (IServiceProvider services) => Results.Json(services.Relays().ToArray()));
        own.MapPost("/api/v1/upstreams/{cluster}/{destination}/drain", static (IServiceProvider services, string cluster, string destination) =>
            Set(services, cluster, destination, drained: true)).WithSummary("Take a relay out of service: new sessions go elsewhere, its own go on");
        own.MapPost("/api/v1/upstreams/{cluster}/{destination}/undrain", static (IServiceProvider services, string cluster, string destination) =>
            Set(services, cluster, destination, drained: false)).WithSummary("Put a relay back into service");
    }

    private static IResult Set(IServiceProvider services, string cluster, string destination, bool drained) =>
        services.Drain(cluster, destination, drained) is { Count: > 0 } relays
            ? Results.Json(relays)
            : Results.Problem($"There is no relay {destination} in a cluster {cluster}; GET /api/v1/upstreams lists those there are.",
                statusCode: StatusCodes.Status404NotFound, title: "No such relay");
}
