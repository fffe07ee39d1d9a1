using System.Globalization;
using System.Net;
using System.Text.Json;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Live;

namespace SmtpProxy.Admin.Fleet;

/// <summary><c>/api/v1/fleet/clients</c>: who uses these proxies, each client once.</summary>
internal static class FleetClientsApi
{
    private const int MostOfAPage = 1000, Page = 100;

    /// <summary>As the API writes clients; what lacks something is none.</summary>
    private static readonly SightingApiJson Strict = new(new JsonSerializerOptions(SightingApiJson.Default.Options)
        { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true });

    /// <summary>Lists them.</summary>
    public static async Task<IResult> ListAsync(IServiceProvider services, CancellationToken stop, string by = "address",
        string sort = "last_seen", string? breaks = null, string? client = null, int? limit = null, string? cursor = null,
        string? node = null, string? format = null)
    {
        var (at, network) = (0, (IPNetwork?)null);
        if (ClientsApi.Wrong(by, sort, breaks, limit, format: null) is { } wrong)
        {
            return SightingAnswers.Wrong(wrong);
        }

        if (format is not (null or "json"))
        {
            // Lines of values have no room for who is not shown.
            return SightingAnswers.Wrong("format: it is not json. 'smtpproxy clients --fleet --csv' writes comma-separated values.");
        }

        if (cursor is not null && !int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out at))
        {
            return SightingAnswers.Wrong("cursor: it is not what 'next' said.");
        }

        if (client is not null && (network = SightingQuery.Network(client)) is null)
        {
            return SightingAnswers.Wrong("client: it is neither an address nor a network such as 192.0.2.0/24.");
        }

        var asker = services.GetRequiredService<FleetAsker>();
        var peers = asker.Peers(node, out var missing);
        var answers = await asker.AskAsync(peers, "/api/v1/clients",
            FormattableString.Invariant($"?by={by}&sort={sort}&limit={MostOfAPage}&format=json"), stop).ConfigureAwait(false);
        var read = answers.Where(static a => a.IsGood).Select(static a => (Answer: a, Clients: Read(a))).ToList();
        var all = read.SelectMany(static r => (r.Clients?.Clients ?? []).Select(c => (r.Answer.Peer.Node, Client: c)))
            .GroupBy(static c => c.Client.Client)
            .Select(static same => (Nodes: same.Select(static c => c.Node).Distinct().Order(StringComparer.Ordinal).ToList(),
                Client: Sum(same.Key, [.. same.Select(static c => c.Client)]))).ToList();
        var wanted = ClientsApi.Sorted(all.Where(c => (breaks is null || c.Client.Breaks.Contains(breaks))
            && (network is not { } its || IsIn(its, c.Client.Client))), static c => c.Client, sort).ToList();
        var names = services.GetRequiredService<ClientNames>();
        var most = limit ?? (format is null ? Page : wanted.Count);
        var page = wanted.Skip(at).Take(most).Select(c => new FleetClient(c.Nodes, IPAddress.TryParse(c.Client.Client, out var address)
            ? c.Client with { Name = format is null ? names.Of(address) : names.Known(address) } : c.Client)).ToList();
        return Results.Json(new FleetClients(
            page, at + page.Count < wanted.Count ? (at + page.Count).ToString(CultureInfo.InvariantCulture) : null, wanted.Count,
            SeenClient.Switches.ToDictionary(static s => s, s => new ClientShare(all.Count(c => c.Client.Breaks.Contains(s)), all.Count)),
            [.. read.Where(static r => r.Clients?.Next is not null).Select(static r => r.Answer.Peer.Node)],
            FleetReadsApi.Unanswered(missing, answers, read.Where(static r => r.Clients is null)
                .Select(static r => r.Answer.Unreadable()))), FleetReadsJson.Default.FleetClients);
    }

    private static ClientsAnswer? Read(PeerAnswer answer)
    {
        try
        {
            return answer.Body.Deserialize(Strict.ClientsAnswer) is { } read && read.Clients.All(static c => c is not null) ? read : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static SeenClient Sum(string name, IReadOnlyList<SeenClient> clients) => clients.Count == 1 ? clients[0]
        : SeenClient.Sum(name, clients) with { Helo = clients.MaxBy(static c => c.LastSeen)!.Helo };

    private static bool IsIn(IPNetwork network, string client) => SightingQuery.Network(client) is { } its
        && network.Contains(its.BaseAddress);
}
