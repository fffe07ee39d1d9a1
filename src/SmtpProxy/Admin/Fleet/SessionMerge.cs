using System.Globalization;
using System.Text.Json;
using SmtpProxy.Admin.Sightings;

namespace SmtpProxy.Admin.Fleet;

/// <summary>Pages of sessions of several members as one: open ones, those that began last first, and then finished ones, those that ended
/// last first. What is in order at one member stays so.</summary>
internal static class SessionMerge
{
    /// <summary>Merges.</summary>
    /// <param name="answers">What each member has that answered, its first sessions first.</param>
    /// <param name="limit">So many at most.</param>
    /// <param name="read">How far each member was read: its cursor; null: to its end.</param>
    /// <param name="unreadable">Those whose answer is no page of sessions.</param>
    public static IReadOnlyList<(FleetPeer Peer, JsonElement Session)> Of(IEnumerable<PeerAnswer> answers, int limit,
        out Dictionary<string, string?> read, out List<PeerAnswer> unreadable)
    {
        (read, unreadable) = (new(StringComparer.Ordinal), []);
        var pages = new List<Page>();
        foreach (var answer in answers)
        {
            if (Page.Read(answer) is { } page)
            {
                pages.Add(page);
            }
            else
            {
                unreadable.Add(answer.Unreadable());
            }
        }

        var merged = new List<(FleetPeer, JsonElement)>();
        while (merged.Count < limit && pages.Where(static p => p.HasHead)
            .OrderByDescending(static p => p.Head.IsLive).ThenByDescending(static p => p.Head.At).FirstOrDefault() is { } next)
        {
            merged.Add((next.Peer, next.Head.Session));
            next.Taken++;
        }

        foreach (var page in pages)
        {
            read[page.Peer.Id] = page.Place;
        }

        return merged;
    }

    /// <summary>When a session ended, or began if it goes on, in seconds; null: it is no session.</summary>
    public static (bool IsLive, double At, JsonElement Session, string Place)? Head(JsonElement session)
    {
        if (session.ValueKind != JsonValueKind.Object || SessionLike(session) is not var (id, isLive, number)
            || Number(session, "started_unix") is not { } began)
        {
            return null;
        }

        var place = isLive ? $"o-{id}" : string.Create(CultureInfo.InvariantCulture, $"f-{number}");
        return SightingPage.IsCursor(place)
            ? (isLive, isLive ? began : began + ((Number(session, "duration_ms") ?? 0) / 1000), session, place) : null;
    }

    private static (string Id, bool IsLive, long Number)? SessionLike(JsonElement session) =>
        session.TryGetProperty("session", out var id) && id.ValueKind == JsonValueKind.String
        && session.TryGetProperty("live", out var live) && live.ValueKind is JsonValueKind.True or JsonValueKind.False
        && session.TryGetProperty("number", out var number)
            ? live.ValueKind == JsonValueKind.True ? (id.GetString()!, true, 0)
            : number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out var its) && its >= 0 ? (id.GetString()!, false, its) : null
            : null;

    private static double? Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number)
            && double.IsFinite(number) ? number : null;

    /// <summary>What one member has.</summary>
    private sealed class Page(FleetPeer peer, IReadOnlyList<(bool IsLive, double At, JsonElement Session, string Place)> sessions,
        string? next)
    {
        public FleetPeer Peer => peer;

        /// <summary>Those that are on the common page.</summary>
        public int Taken { get; set; }

        public bool HasHead => Taken < sessions.Count;

        public (bool IsLive, double At, JsonElement Session, string Place) Head => sessions[Taken];

        /// <summary>Where its next page begins; null: it has no more. Empty: before its first.</summary>
        public string? Place => !HasHead ? next : Taken == 0 ? "" : sessions[Taken - 1].Place;

        public static Page? Read(PeerAnswer answer)
        {
            if (answer.Body.ValueKind != JsonValueKind.Object || !answer.Body.TryGetProperty("sessions", out var all)
                || all.ValueKind != JsonValueKind.Array || !answer.Body.TryGetProperty("next", out var next)
                || next.ValueKind is not (JsonValueKind.Null or JsonValueKind.String)
                || (next.GetString() is { } cursor && !SightingPage.IsCursor(cursor)))
            {
                return null;
            }

            var heads = all.EnumerateArray().Select(SessionMerge.Head).ToList();
            return heads.TrueForAll(static h => h is not null)
                ? new Page(answer.Peer, [.. heads.Select(static h => h!.Value)], next.GetString()) : null;
        }
    }
}
