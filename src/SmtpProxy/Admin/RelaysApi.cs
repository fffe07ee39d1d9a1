using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Live;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Upstreams;

namespace SmtpProxy.Admin;

/// <summary><c>/api/v1/upstreams</c>: the relays, and taking one out of service.</summary>
internal static class RelaysApi
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the paths.</summary>
    public static void MapRelays(this RouteGroupBuilder own)
    {
        own.MapMethods("/api/v1/upstreams", Read, static (IServiceProvider services) =>
            Results.Json(Shown(services), AdminJson.Sent.IReadOnlyListJsonObject))
            .Produces<IReadOnlyList<RelayView>>().WithMetadata(Requests.ServedToFleet.Mark).WithTags("relays")
            .WithSummary("The relays, each with what it is and how it does");
        own.MapPost("/api/v1/upstreams/{cluster}/{destination}/drain",
            static (IServiceProvider services, string cluster, string destination) =>
            Set(services, cluster, destination, drained: true)).Produces<IReadOnlyList<RelayView>>()
                .ProducesProblem(StatusCodes.Status404NotFound).WithTags("relays")
                .WithSummary("Take a relay out of service: new sessions go elsewhere, its own go on");
        own.MapPost("/api/v1/upstreams/{cluster}/{destination}/undrain",
            static (IServiceProvider services, string cluster, string destination) =>
            Set(services, cluster, destination, drained: false)).Produces<IReadOnlyList<RelayView>>()
                .ProducesProblem(StatusCodes.Status404NotFound).WithTags("relays").WithSummary("Put a relay back into service");
    }

    /// <summary>Each relay, with how long its phases took lately.</summary>
    private static IReadOnlyList<JsonObject> Shown(IServiceProvider services)
    {
        var lately = services.GetRequiredService<TotalsWatch>().Lately().Lately;
        var instruments = services.GetRequiredService<Instruments>();
        return
        [
            .. services.Relays().Select(relay =>
            {
                var shown = JsonSerializer.SerializeToNode(relay, AdminJson.Default.RelayView)!.AsObject();
                var phases = lately.Phases.GetValueOrDefault((relay.Cluster, relay.Destination));
                shown["phases"] = JsonSerializer.SerializeToNode(
                    PhaseView.All(phase => PhaseTimes.Of([phases?[phase]])), SightingApiJson.Default.IReadOnlyListPhaseView);
                shown["offers"] = JsonSerializer.SerializeToNode(
                    instruments.OffersOf(relay.Cluster, relay.Destination), AdminJson.Default.IReadOnlyListRelayOffer);
                return shown;
            }),
        ];
    }

    private static IResult Set(IServiceProvider services, string cluster, string destination, bool drained) =>
        services.Drain(cluster, destination, drained) is { Count: > 0 } relays
            ? Results.Json(relays, AdminJson.Sent.IReadOnlyListRelayView)
            : Results.Problem($"There is no relay {destination} in a cluster {cluster}; GET /api/v1/upstreams lists those there are.",
                statusCode: StatusCodes.Status404NotFound, title: "No such relay");
}
