using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Watching;

/// <summary>Where a screen gets its sessions: of one proxy, or of all of its fleet.</summary>
/// <param name="api">The proxy that is asked.</param>
/// <param name="isFleet">Whether the others are shown, too.</param>
internal sealed class WatchedSessions(FaultsClient api, bool isFleet)
{
    private const int NameWidth = 16;
    private readonly Dictionary<string, string> _nodes = new(StringComparer.Ordinal);

    /// <summary>Who is not shown, in brackets; empty: nobody.</summary>
    public string Lost { get; private set; } = "";

    /// <summary>The sessions, open ones first.</summary>
    /// <param name="most">So many at most.</param>
    /// <param name="query">The filters, as the API has them.</param>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(int most, string query)
    {
        var path = FormattableString.Invariant($"sessions?limit={most}{(query.Length > 0 ? $"&{query}" : "")}");
        var all = Element(await api.GetAsync((isFleet ? "fleet/" : "") + path).ConfigureAwait(false));
        JsonElement[] sessions = [.. all.GetProperty("sessions").EnumerateArray()];
        if (!isFleet)
        {
            return sessions;
        }

        string?[] lost = [.. all.GetProperty("unanswered").EnumerateArray().Select(static u =>
            $"{SessionLines.Text(u, "node")}: {SessionLines.Text(u, "reason")}")];
        Lost = lost.Length > 0 ? $"[not shown: {Printable.Of(string.Join(", ", lost))}] " : "";
        _nodes.Clear();
        foreach (var session in sessions)
        {
            _nodes[SessionLines.Text(session.GetProperty("session"), "session") ?? ""] = SessionLines.Text(session, "node") ?? "";
        }

        return [.. sessions.Select(static s => s.GetProperty("session"))];
    }

    /// <summary>All of one session.</summary>
    public async Task<JsonElement> OneAsync(string? id)
    {
        var node = id is not null && isFleet ? _nodes.GetValueOrDefault(id) : null;
        var one = Element(await api.GetAsync(!isFleet ? $"sessions/{id}"
            : $"fleet/sessions/{id}{(node is null ? "" : $"?node={Uri.EscapeDataString(node)}")}").ConfigureAwait(false));
        return isFleet ? one.GetProperty("session") : one;
    }

    /// <summary>What stands before a session's row: its proxy, as wide as all of them; without a session, before the heading.</summary>
    public string Before(string? id = null) =>
        !isFleet ? "" : id is null ? $"{"proxy",-NameWidth} "
            : $"{Printable.Of(SessionTable.Cut(_nodes.GetValueOrDefault(id) ?? "", NameWidth)),-NameWidth} ";

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
