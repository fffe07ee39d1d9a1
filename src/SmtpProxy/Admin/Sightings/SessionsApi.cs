using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Live;

namespace SmtpProxy.Admin.Sightings;

/// <summary><c>/api/v1/sessions</c>: sessions as they are, and were lately.</summary>
internal static class SessionsApi
{
    private const int MostOfAPage = 500;

    /// <summary>Maps the paths.</summary>
    public static void MapSessions(this RouteGroupBuilder own)
    {
        var sessions = own.MapGroup("/api/v1/sessions").WithTags("sessions");
        sessions.MapGet("", List).Produces<SessionList>().ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithMetadata(QueryFields.OfSessions, ServedToFleet.Mark)
            .WithSummary("Open sessions and the last finished ones, by filters");
        sessions.MapGet("/stream", SessionStreams.AllAsync).Produces<string>(contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithMetadata(QueryFields.OfSessions, QueryFields.OfStreams, ServedToFleet.Mark)
            .WithSummary("Each session that ends, as a server-sent event");
        sessions.MapGet("/{id}", One).Produces<SessionShown>().ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable).ProducesProblem(StatusCodes.Status404NotFound)
            .WithMetadata(ServedToFleet.Mark).WithSummary("One session: what was said, and who used the time");
        sessions.MapGet("/{id}/stream", SessionStreams.OneAsync).Produces<string>(contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("One session as it goes on, as server-sent events");
    }

    private static IResult List(HttpRequest request, IServiceProvider services, int limit = 50, string? cursor = null)
    {
        if (services.GetService<SightingStore>() is not { } store)
        {
            return SightingAnswers.Off;
        }

        if (SightingQuery.TryRead(request.Query, out var filter) is { } wrong)
        {
            return SightingAnswers.Wrong(wrong);
        }

        if (limit is < 1 or > MostOfAPage)
        {
            return SightingAnswers.Wrong($"limit: {limit} is not between 1 and {MostOfAPage}.");
        }

        if (cursor is not null && !SightingPage.IsCursor(cursor))
        {
            return SightingAnswers.Wrong("cursor: it is not what 'next' said.");
        }

        var (page, next) = SightingPage.Of(services.GetRequiredService<LiveSessions>().Newest(), store.Before, filter, cursor, limit);
        var answer = new StringBuilder("{\"sessions\":[");
        answer.AppendJoin(',', page.Select(static s => s.Summary));
        answer.Append("],\"next\":").Append(JsonSerializer.Serialize(next, SightingApiJson.Default.String)).Append(",\"store\":")
            .Append(JsonSerializer.Serialize(StoreView.Of(services), SightingApiJson.Default.StoreView)).Append('}');
        return Results.Text(answer.ToString(), "application/json");
    }

    private static IResult One(IServiceProvider services, string id, string? format = null, int? part = null)
    {
        if (services.GetService<SightingStore>() is not { } store)
        {
            return SightingAnswers.Off;
        }

        if (format is not (null or "json" or "text"))
        {
            return SightingAnswers.Wrong("format: it is neither json nor text.");
        }

        if (Find(services, store, id, part) is not { } sighting)
        {
            return NotHeld(id);
        }

        return format == "text"
            ? Results.Text(TicketText.Of(sighting.Detail), "text/plain; charset=utf-8")
            : Results.Bytes(sighting.Detail, "application/json");
    }

    /// <summary>The session with this name, open or finished; null: it is not held.</summary>
    public static Sighting? Find(IServiceProvider services, SightingStore store, string id, int? part = null) =>
        part is null && services.GetRequiredService<LiveSessions>().Find(id) is { } open ? open : store.Find(id, part);

    /// <summary>There is no such session.</summary>
    public static ProblemHttpResult NotHeld(string id) => TypedResults.Problem(
        $"There is no session {Requests.HttpRefusals.Short(id)}, or not any more: the last ones are kept, as many as " +
            $"SmtpProxy:Live:MaxSessions and Memory allow.",
        statusCode: StatusCodes.Status404NotFound, title: "No such session");
}
