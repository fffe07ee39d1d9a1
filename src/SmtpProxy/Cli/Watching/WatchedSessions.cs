using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Watching;

/// <summary>What a screen shows at one moment.</summary>
/// <param name="Sessions">The sessions, open ones first.</param>
/// <param name="Nodes">The proxy of each; empty: there is one.</param>
/// <param name="Missing">Which proxies are not shown, in brackets; empty: none.</param>
internal sealed record WatchedPage(
    IReadOnlyList<JsonElement> Sessions, IReadOnlyDictionary<string, string> Nodes, string Missing)
{
    /// <summary>Nothing yet.</summary>
    public static WatchedPage None { get; } = new([], new Dictionary<string, string>(), "");
}

/// <summary>Where a screen gets its sessions: of one proxy, or of all of its fleet.</summary>
/// <param name="api">The proxy that is asked.</param>
/// <param name="isFleet">Whether the others are shown, too.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchedSessions(FaultsClient api, bool isFleet, TimeProvider time)
{
    /// <summary>So long, and so many, proxies that have gone are named: a rolling upgrade brings others.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    private const int MostNamed = 3;

    /// <summary>Who was there, and when; several may ask at once.</summary>
    private readonly Lock _lock = new();

    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    /// <summary>The sessions, open ones first.</summary>
    /// <param name="most">So many at most.</param>
    /// <param name="query">The filters, as the API has them.</param>
    public async Task<WatchedPage> ListAsync(int most, string query)
    {
        var path = FormattableString.Invariant($"sessions?limit={most}{(query.Length > 0 ? $"&{query}" : "")}");
        if (!isFleet)
        {
            var own = Element(await api.GetAsync(path).ConfigureAwait(false));
            return WatchedPage.None with { Sessions = [.. own.GetProperty("sessions").EnumerateArray()] };
        }

        var asking = api.GetAsync("fleet");
        var all = Element(await api.GetAsync($"fleet/{path}").ConfigureAwait(false));
        JsonElement[] sessions = [.. all.GetProperty("sessions").EnumerateArray()];
        var nodes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var session in sessions)
        {
            nodes[SessionLines.Text(session.GetProperty("session"), "session") ?? ""] = SessionLines.Text(session, "node") ?? "";
        }

        return new WatchedPage([.. sessions.Select(static s => s.GetProperty("session"))], nodes,
            Missing(Element(await asking.ConfigureAwait(false)), all.GetProperty("unanswered")));
    }

    /// <summary>All of one session.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="node">The proxy that has it; null: whichever has it.</param>
    public async Task<JsonElement> OneAsync(string? id, string? node)
    {
        var one = Element(await api.GetAsync(!isFleet ? $"sessions/{id}"
            : $"fleet/sessions/{id}{(node is null ? "" : $"?node={Uri.EscapeDataString(node)}")}").ConfigureAwait(false));
        return isFleet ? one.GetProperty("session") : one;
    }

    /// <summary>Who does not answer, and who was there and is not any more.</summary>
    private string Missing(JsonElement fleet, JsonElement unanswered)
    {
        var state = SessionLines.Text(fleet, "state");
        if (state == "joined")
        {
            var there = fleet.GetProperty("members").EnumerateArray().Select(static m => SessionLines.Text(m, "node") ?? "").ToHashSet();
            return Bracket("gone", Gone(there)) + Bracket("not shown", Silent(unanswered));
        }

        return Bracket("without the fleet", [SessionLines.Text(fleet, "reason") ?? state ?? ""])
            + Bracket("not shown", Silent(unanswered));
    }

    private string[] Gone(HashSet<string> there)
    {
        lock (_lock)
        {
            foreach (var node in there)
            {
                _seen[node] = time.GetTimestamp();
            }

            foreach (var node in _seen.Where(s => time.GetElapsedTime(s.Value) > Remembered).Select(static s => s.Key).ToList())
            {
                _seen.Remove(node);
            }

            return [.. _seen.Keys.Where(node => !there.Contains(node)).Order(StringComparer.Ordinal)];
        }
    }

    private static IReadOnlyList<string> Silent(JsonElement unanswered) =>
    [
        .. unanswered.EnumerateArray().Select(static u => $"{SessionLines.Text(u, "node")}: {SessionLines.Text(u, "reason")}"),
    ];

    private static string Bracket(string what, IReadOnlyList<string> names) => names.Count == 0 ? ""
        : FormattableString.Invariant($"[{what}: {Printable.Of(string.Join(", ", names.Take(MostNamed)))}")
            + (names.Count > MostNamed ? FormattableString.Invariant($", {names.Count - MostNamed} more] ") : "] ");

    private static JsonElement Element(JsonNode? node) => JsonElement.Parse(node?.ToJsonString() ?? "null");
}
