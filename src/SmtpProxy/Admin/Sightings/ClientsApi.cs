using System.Globalization;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Live;
using SmtpProxy.Sessions;

namespace SmtpProxy.Admin.Sightings;

/// <summary><c>/api/v1/clients</c>: who uses these relays, and who would break if something were switched off.</summary>
internal static class ClientsApi
{
    private const int MostOfAPage = 1000;
    private const int Page = 100;
    private const int NetworkV4 = 24;
    private const int NetworkV6 = 64;
    private static readonly string[] Orders = ["last_seen", "messages", "sessions", "refused", "octets"];

    /// <summary>Maps it.</summary>
    public static void MapClients(this RouteGroupBuilder own) =>
        own.MapGet("/api/v1/clients", List).Produces<ClientsAnswer>().ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithMetadata(Requests.ServedToFleet.Mark).WithTags("clients")
            .WithSummary("Who uses these relays, and who would break if something were switched off");

    private static IResult List(
        IServiceProvider services, Readiness readiness, string by = "address", string sort = "last_seen", string? breaks = null,
        string? client = null, int? limit = null, string? cursor = null, string? format = null)
    {
        if (services.GetService<SeenClients>() is not { IsOn: true } clients)
        {
            return Results.Problem(
                "Clients are not remembered. Set SmtpProxy:Live:MaxClients above 0 and SmtpProxy:Live:Enabled to true, and restart.",
                statusCode: StatusCodes.Status503ServiceUnavailable, title: "Clients are not remembered");
        }

        var (at, network) = (0, (IPNetwork?)null);
        if (Wrong(by, sort, breaks, limit, format) is { } wrong)
        {
            return SightingAnswers.Wrong(wrong);
        }

        if (cursor is not null && (!int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out at) || at > clients.Most))
        {
            return SightingAnswers.Wrong("cursor: it is not what 'next' said.");
        }

        if (client is not null && (network = SightingQuery.Network(client)) is null)
        {
            return SightingAnswers.Wrong("client: it is neither an address nor a network such as 192.0.2.0/24.");
        }

        var all = clients.All(PortsOf(readiness.Listeners));
        var views = by == "network"
            ? all.GroupBy(static c => NetworkOf(c.Address))
            .Select(static g => (Address: g.First().Address, View: SeenClient.Sum(g.Key, [.. g.Select(static c => c.View)]))).ToList()
            : all;
        var wanted = Sorted(
            views.Where(c => (breaks is null || c.View.Breaks.Contains(breaks)) && (network is not { } its || its.Contains(c.Address)))
                .Select(static c => c.View),
            static c => c, sort).ToList();
        var names = services.GetRequiredService<ClientNames>();
        SeenClient Named(SeenClient client, Func<IPAddress, string?> nameOf) =>
            IPAddress.TryParse(client.Client, out var address) ? client with { Name = nameOf(address) } : client;
        // Whoever asks for a form wants a file of all. Names are looked up only for those who are shown page by page.
        var most = limit ?? (format is null ? Page : wanted.Count);
        var page = wanted.Skip(at).Take(most).Select(c => Named(c, format is null ? names.Of : names.Known)).ToList();
        if (format == "csv")
        {
            return Results.Text(ClientsCsv.Of(page), "text/csv; charset=utf-8");
        }

        return Results.Json(new ClientsAnswer(
            page, at + page.Count < wanted.Count ? (at + page.Count).ToString(CultureInfo.InvariantCulture) : null, wanted.Count,
            clients.Most, clients.Forgotten,
            SeenClient.Switches.ToDictionary(static s => s, s => new ClientShare(all.Count(c => c.View.Breaks.Contains(s)), all.Count))),
            SightingApiJson.Default.ClientsAnswer);
    }

    /// <summary>What is wrong with a request for clients; null: nothing.</summary>
    public static string? Wrong(string by, string sort, string? breaks, int? limit, string? format) =>
        by is not ("address" or "network") ? "by: it is neither address nor network."
        : !Orders.Contains(sort) ? $"sort: it is none of {string.Join(", ", Orders)}."
        : breaks is not null && !SeenClient.Switches.Contains(breaks) ? $"breaks: it is none of {string.Join(", ", SeenClient.Switches)}."
        : limit is < 1 or > MostOfAPage ? $"limit: {limit} is not between 1 and {MostOfAPage}."
        : format is not (null or "json" or "csv") ? "format: it is neither json nor csv."
        : null;

    /// <summary>Clients in this order.</summary>
    public static IEnumerable<T> Sorted<T>(IEnumerable<T> clients, Func<T, SeenClient> of, string sort) => sort switch
    {
        "messages" => clients.OrderByDescending(c => of(c).Messages),
        "sessions" => clients.OrderByDescending(c => of(c).Sessions),
        "refused" => clients.OrderByDescending(c => of(c).Refused),
        "octets" => clients.OrderByDescending(c => of(c).Octets),
        _ => clients.OrderByDescending(c => of(c).LastSeen),
    };

    private static string NetworkOf(IPAddress address)
    {
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? NetworkV4 : NetworkV6;
        return string.Create(CultureInfo.InvariantCulture, $"{SightingQuery.Masked(address, bits)}/{bits}");
    }

    /// <summary>The ports of listeners, from the lines that say what listens: <c>inbound 127.0.0.1:2525 -> relays</c>.</summary>
    private static Dictionary<string, int> PortsOf(IReadOnlyList<string> listeners)
    {
        var ports = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in listeners)
        {
            if (line.Split(' ') is [var name, var address, ..] && IPEndPoint.TryParse(address, out var endPoint))
            {
                ports[name] = endPoint.Port;
            }
        }

        return ports;
    }
}
