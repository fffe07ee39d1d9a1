namespace SmtpProxy.Admin.Fleet;

/// <summary><c>/api/v1/fleet</c>: who is in the fleet.</summary>
internal static class FleetApi
{
    private static readonly string[] Read = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the path.</summary>
    public static void MapFleet(this RouteGroupBuilder own) =>
        own.MapMethods("/api/v1/fleet", Read, static (IServiceProvider services) =>
            Results.Json(services.GetService<IFleetView>()?.Now() ?? FleetAnswer.Off, FleetAnswerJson.Sent.FleetAnswer))
            .Produces<FleetAnswer>().WithTags("fleet")
            .WithSummary("The proxies that act as one with this one");
}
