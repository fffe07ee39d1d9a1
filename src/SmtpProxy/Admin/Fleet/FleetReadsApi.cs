using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Extensions;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Admin.Fleet;

/// <summary><c>/api/v1/fleet/…</c>: what this proxy and the others show, as one. Nobody asks these paths with the fleet's token: no member
/// ever asks on.</summary>
internal static class FleetReadsApi
{
    /// <summary>Maps the paths.</summary>
    public static void MapFleetReads(this RouteGroupBuilder own)
    {
        var fleet = own.MapGroup("/api/v1/fleet").WithTags("fleet").AddEndpointFilter(static async (context, next) =>
            context.HttpContext.RequestServices.GetService<FleetAsker>() is null ? Off : await next(context).ConfigureAwait(false));
        Described<FleetSessions>(fleet.MapGet("/sessions", FleetSessionsApi.ListAsync), "Sessions of all proxies, by filters")
            .WithMetadata(QueryFields.OfSessions);
        fleet.MapGet("/sessions/stream", FleetStream.RunAsync).Produces<string>(contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithMetadata(QueryFields.OfSessions, QueryFields.OfFleetStream)
            .WithSummary("Each session that ends at any proxy, as a server-sent event");
        Described<FleetWholeSession>(fleet.MapGet("/sessions/{id}", FleetSessionsApi.OneAsync), "One session, wherever it is")
            .ProducesProblem(StatusCodes.Status404NotFound);
        Described<FleetSearch>(fleet.MapGet("/search", FleetSessionsApi.SearchAsync), "A search at all proxies")
            .WithMetadata(QueryFields.OfSearch);
        Described<FleetClients>(fleet.MapGet("/clients", FleetClientsApi.ListAsync), "The clients of all proxies, each once");
        Described<FleetNow>(fleet.MapGet("/now", static (IServiceProvider services, CancellationToken stop, string? node = null) =>
            EachAsync(services, node, "/api/v1/now", "nodes", "now", isList: false, stop)), "How each proxy does");
        Described<FleetRelays>(fleet.MapGet("/upstreams", static (IServiceProvider services, CancellationToken stop, string? node = null) =>
            EachAsync(services, node, "/api/v1/upstreams", "relays", "relay", isList: true, stop)), "The relays, as each proxy sees them");
        Described<FleetFaults>(fleet.MapGet("/faults", static (IServiceProvider services, CancellationToken stop, string? node = null) =>
            EachAsync(services, node, "/api/v1/faults/status", "faults", "faults", isList: false, stop)),
            "Where faults stand at each proxy");
    }

    /// <summary>No member is asked.</summary>
    private static IResult Off { get; } = Results.Problem(
        "Set SmtpProxy:Fleet:Redis, TokenFile, and at the others AdminUrl; see docs/fleet.md.",
        statusCode: StatusCodes.Status503ServiceUnavailable, title: "This proxy does not ask its fleet");

    /// <summary>The query of a request for the members, without what is for this proxy alone; with what is for them.</summary>
    public static string Passed(HttpRequest request, params (string Name, string? Value)[] with)
    {
        var query = new QueryBuilder(request.Query
            .Where(q => q.Key is not ("node" or "cursor") && !with.Any(w => w.Name.Equals(q.Key, StringComparison.OrdinalIgnoreCase)))
            .SelectMany(static q => q.Value.Select(v => KeyValuePair.Create(q.Key, v ?? ""))));
        foreach (var (name, value) in with.Where(static w => w.Value is not null))
        {
            query.Add(name, value!);
        }

        return query.ToQueryString().Value ?? "";
    }

    private static RouteHandlerBuilder Described<T>(RouteHandlerBuilder path, string summary) => path.Produces<T>()
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithSummary(summary);

    /// <summary>What each member says of itself, one after the other.</summary>
    private static async Task<IResult> EachAsync(IServiceProvider services, string? node, string route, string all, string one, bool isList,
        CancellationToken stop)
    {
        var asker = services.GetRequiredService<FleetAsker>();
        var peers = asker.Peers(node, out var missing);
        var answers = await asker.AskAsync(peers, route, "", stop).ConfigureAwait(false);
        var good = answers.Where(static a => a.IsGood).ToLookup(a => isList
            ? a.Body.ValueKind == JsonValueKind.Array && a.Body.EnumerateArray().All(static i => i.ValueKind == JsonValueKind.Object)
            : a.Body.ValueKind == JsonValueKind.Object);
        var items = good[true].SelectMany(a => (isList ? [.. a.Body.EnumerateArray()] : (JsonElement[])[a.Body])
            .Select(item => new JsonObject { ["node"] = a.Peer.Node, ["id"] = a.Peer.Id, [one] = JsonObject.Create(item) }));
        return Results.Json(new JsonObject
        {
            [all] = new JsonArray([.. items]),
            ["unanswered"] = JsonSerializer.SerializeToNode(Unanswered(missing, answers, good[false].Select(static a => a.Unreadable())),
                FleetReadsJson.Default.IReadOnlyListUnanswered),
        }, FleetReadsJson.Default.JsonObject);
    }

    /// <summary>Who is not shown.</summary>
    public static IReadOnlyList<Unanswered> Unanswered(IEnumerable<Unanswered> missing, IEnumerable<PeerAnswer> answers,
        IEnumerable<PeerAnswer> unreadable) =>
        [.. missing, .. answers.Concat(unreadable).Select(static a => a.Lost).OfType<Unanswered>()];
}
