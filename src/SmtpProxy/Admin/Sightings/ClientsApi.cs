using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using SmtpProxy.Live;
using SmtpProxy.Sessions;

namespace SmtpProxy.Admin.Sightings;

/// <summary><c>/api/v1/clients</c>: who uses these relays, and who would break if something were switched off.</summary>
internal static class ClientsApi
{
    private const int MostOfAPage = 1000;
    private const int NetworkV4 = 24;
    private const int NetworkV6 = 64;
    private static readonly string[] Orders = ["last_seen", "messages", "sessions", "refused", "octets"];

    /// <summary>Maps it.</summary>
    public static void MapClients(this RouteGroupBuilder own) =>
        own.MapGet("/api/v1/clients", List).Produces<ClientsAnswer>().ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable).WithTags("clients")
            .WithSummary("Who uses these relays, and who would break if something were switched off");

    private static IResult List(
        IServiceProvider services, Readiness readiness, string by = "address", string sort = "last_seen", string? breaks = null,
        string? client = null, int limit = 100, string? cursor = null, string? format = null)
    {
        if (services.GetService<ClientTable>() is not { IsOn: true } table)
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

        if (cursor is not null && (!int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out at) || at > table.Most))
        {
            return SightingAnswers.Wrong("cursor: it is not what 'next' said.");
        }

        if (client is not null && (network = SightingQuery.Network(client)) is null)
        {
            return SightingAnswers.Wrong("client: it is neither an address nor a network such as 192.0.2.0/24.");
        }

        var ports = PortsOf(readiness.Listeners);
        var all = table.Select(c => (c.Address, View: SeenClient.Of(c, ports)));
        var views = by == "network"
            ? all.GroupBy(static c => NetworkOf(c.Address))
            .Select(static g => (Address: g.First().Address, View: SeenClient.Sum(g.Key, [.. g.Select(static c => c.View)]))).ToList()
            : all;
        var wanted = Sorted(
            views.Where(c => (breaks is null || c.View.Breaks.Contains(breaks)) && (network is not { } its || its.Contains(c.Address)))
                .Select(static c => c.View),
            sort).ToList();
        var names = services.GetRequiredService<ClientNames>();
        SeenClient Named(SeenClient client, Func<IPAddress, string?> nameOf) =>
            IPAddress.TryParse(client.Client, out var address) ? client with { Name = nameOf(address) } : client;
        if (format == "csv")
        {
            return Results.Text(ClientsCsv.Of(wanted.Select(c => Named(c, names.Known))), "text/csv; charset=utf-8");
        }

        // Only for those that are shown somebody is asked.
        var page = wanted.Skip(at).Take(limit).Select(c => Named(c, names.Of)).ToList();
        return SightingAnswers.Of(new ClientsAnswer(
            page, at + page.Count < wanted.Count ? (at + page.Count).ToString(CultureInfo.InvariantCulture) : null, wanted.Count,
            table.Most, table.Forgotten,
            SeenClient.Switches.ToDictionary(static s => s, s => new ClientShare(all.Count(c => c.View.Breaks.Contains(s)), all.Count))));
    }

    private static string? Wrong(string by, string sort, string? breaks, int limit, string? format) =>
        by is not ("address" or "network") ? "by: it is neither address nor network."
        : !Orders.Contains(sort) ? $"sort: it is none of {string.Join(", ", Orders)}."
        : breaks is not null && !SeenClient.Switches.Contains(breaks) ? $"breaks: it is none of {string.Join(", ", SeenClient.Switches)}."
        : limit is < 1 or > MostOfAPage ? $"limit: {limit} is not between 1 and {MostOfAPage}."
        : format is not (null or "json" or "csv") ? "format: it is neither json nor csv."
        : null;

    private static IEnumerable<SeenClient> Sorted(IEnumerable<SeenClient> clients, string sort) => sort switch
    {
        "messages" => clients.OrderByDescending(static c => c.Messages),
        "sessions" => clients.OrderByDescending(static c => c.Sessions),
        "refused" => clients.OrderByDescending(static c => c.Refused),
        "octets" => clients.OrderByDescending(static c => c.Octets),
        _ => clients.OrderByDescending(static c => c.LastSeen),
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

/// <summary>Writes clients as comma-separated values (RFC 4180). What a client chose is a host's name or nothing, and no spreadsheet
/// takes it for a formula.</summary>
internal static class ClientsCsv
{
    /// <summary>A line each, after one with the names of the columns.</summary>
    public static string Of(IEnumerable<SeenClient> clients)
    {
        var text = new StringBuilder(
            "client,helo,first_seen,last_seen,sessions,messages,refused,octets,listeners,ports,tls_offered,tls_used,tls_versions,"
            + "clear_sessions,auth_mechanisms,auth_in_clear,breaks,name\r\n");
        foreach (var c in clients)
        {
            text.Append(CultureInfo.InvariantCulture, $"{c.Client},{Safe(c.Helo)},{c.FirstSeen:O},{c.LastSeen:O},{c.Sessions},")
                .Append(CultureInfo.InvariantCulture, $"{c.Messages},{c.Refused},{c.Octets},{string.Join(' ', c.Listeners)},")
                .Append(CultureInfo.InvariantCulture, $"{string.Join(' ', c.Ports)},")
                .Append(CultureInfo.InvariantCulture, $"{(c.Tls.Offered ? "true" : "false")},{(c.Tls.Used ? "true" : "false")},")
                .Append(CultureInfo.InvariantCulture, $"{string.Join(' ', c.Tls.Versions)},{c.Tls.ClearSessions},")
                .Append(CultureInfo.InvariantCulture, $"{string.Join(' ', c.Auth.Mechanisms)},{c.Auth.InClear},")
                .Append(CultureInfo.InvariantCulture, $"{string.Join(' ', c.Breaks)},{Safe(c.Name)}\r\n");
        }

        return text.ToString();
    }

    private static string Safe(string? helo) => helo is null ? "" : helo.StartsWith('-') ? $"'{helo}" : helo;
}
