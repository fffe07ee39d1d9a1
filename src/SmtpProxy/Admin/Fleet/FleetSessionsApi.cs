using System.Globalization;
using System.Text.Json;
using SmtpProxy.Admin.Requests;
using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Sessions of all proxies.</summary>
internal static class FleetSessionsApi
{
    private const int MostOfAPage = 500;
    private const string Route = "/api/v1/sessions";

    /// <summary><c>/api/v1/fleet/sessions</c>.</summary>
    public static async Task<IResult> ListAsync(HttpRequest request, IServiceProvider services, CancellationToken stop, int limit = 50,
        string? cursor = null, string? node = null)
    {
        var asker = services.GetRequiredService<FleetAsker>();
        if (SightingQuery.TryRead(request.Query, out _) is { } wrong)
        {
            return SightingAnswers.Wrong(wrong);
        }

        if (limit is < 1 or > MostOfAPage)
        {
            return SightingAnswers.Wrong($"limit: {limit} is not between 1 and {MostOfAPage}.");
        }

        if ((cursor is null ? FleetCursor.First : FleetCursor.Read(cursor)) is not { } from)
        {
            return SightingAnswers.Wrong("cursor: it is not what 'next' said.");
        }

        var peers = asker.Peers(node, out var missing);
        var text = limit.ToString(CultureInfo.InvariantCulture);
        var answers = await asker.AskAsync(peers.Where(from.HasMore), Route,
            peer => FleetReadsApi.Passed(request, ("limit", text), ("cursor", from.Of(peer))), stop).ConfigureAwait(false);
        var page = SessionMerge.Of(answers.Where(static a => a.IsGood), limit, out var read, out var unreadable);
        return Results.Json(new SentSessions(
            page.Select(static p => new SentSession(p.Peer.Node, p.Session)), from.After(peers, read),
            FleetReadsApi.Unanswered([.. missing, .. from.Gone(peers).Select(static id =>
                new Unanswered("", HttpRefusals.Short(id), "gone", "A proxy that was on the page before has gone, or was restarted."))],
                answers, unreadable)), FleetReadsJson.Default.SentSessions);
    }

    /// <summary><c>/api/v1/fleet/sessions/{id}</c>.</summary>
    public static async Task<IResult> OneAsync(IServiceProvider services, string id, CancellationToken stop, string? node = null)
    {
        var asker = services.GetRequiredService<FleetAsker>();
        var peers = asker.Peers(node, out var missing);
        var answers = await asker.AskAsync(peers, Route + "/{id}", "", stop, id).ConfigureAwait(false);
        if (Array.Find(answers, a => a.IsGood && SessionMerge.Head(a.Body) is not null
            && a.Body.GetProperty("session").ValueEquals(id)) is { } found)
        {
            return Results.Json(new SentSession(found.Peer.Node, found.Body), FleetReadsJson.Default.SentSession);
        }

        string[] silent = [.. FleetReadsApi.Unanswered(missing, answers.Where(static a => a.Status != StatusCodes.Status404NotFound), [])
            .Select(static u => $"{u.Node} ({u.Reason})")];
        return Results.Problem($"No proxy that answered holds session {HttpRefusals.Short(id)}, or not any more."
            + (silent.Length > 0 ? $" Without an answer: {string.Join(", ", silent)}." : ""),
            statusCode: StatusCodes.Status404NotFound, title: "No such session");
    }

    /// <summary><c>/api/v1/fleet/search</c>.</summary>
    public static async Task<IResult> SearchAsync(HttpRequest request, IServiceProvider services, CancellationToken stop, string? q = null,
        int limit = 50, string? node = null)
    {
        var asker = services.GetRequiredService<FleetAsker>();
        var peers = asker.Peers(node, out var missing);
        var answers = await asker.AskAsync(peers, "/api/v1/search", FleetReadsApi.Passed(request), stop).ConfigureAwait(false);
        if (Array.Find(answers, static a => a.Status == StatusCodes.Status400BadRequest) is { Lost.Detail: var wrong })
        {
            return SightingAnswers.Wrong(wrong);
        }

        var (hits, notes, unreadable) = (new List<(FleetPeer Peer, string In, bool IsLive, double At, JsonElement Session)>(),
            new SortedSet<string>(StringComparer.Ordinal), new List<PeerAnswer>());
        foreach (var answer in answers.Where(static a => a.IsGood))
        {
            if (!Read(answer, hits, notes))
            {
                unreadable.Add(answer.Unreadable());
            }
        }

        return Results.Json(new SentSearch(
            q?.Trim(),
            hits.OrderByDescending(static h => h.IsLive).ThenByDescending(static h => h.At).Take(limit)
                .Select(static h => new SentHit(h.Peer.Node, h.In, h.Session)),
            notes, FleetReadsApi.Unanswered(missing, answers, unreadable)), FleetReadsJson.Default.SentSearch);
    }

    private static bool Read(PeerAnswer answer, List<(FleetPeer, string, bool, double, JsonElement)> hits, SortedSet<string> notes)
    {
        const int MostNotes = 20;
        if (answer.Body.ValueKind != JsonValueKind.Object || !answer.Body.TryGetProperty("hits", out var all)
            || all.ValueKind != JsonValueKind.Array || !answer.Body.TryGetProperty("notes", out var said)
            || said.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        var read = new List<(FleetPeer, string, bool, double, JsonElement)>();
        foreach (var hit in all.EnumerateArray())
        {
            if (hit.ValueKind != JsonValueKind.Object || !hit.TryGetProperty("in", out var by) || by.ValueKind != JsonValueKind.String
                || !hit.TryGetProperty("session", out var session) || SessionMerge.Head(session) is not var (isLive, at, its, _))
            {
                return false;
            }

            read.Add((answer.Peer, by.GetString()!, isLive, at, its));
        }

        hits.AddRange(read);
        notes.UnionWith(said.EnumerateArray().Where(static n => n.ValueKind == JsonValueKind.String).Take(MostNotes)
            .Select(static n => n.GetString()!));
        return true;
    }
}
