using SmtpProxy.Live;

namespace SmtpProxy.Admin.Sightings;

/// <summary>A client, or all clients of a network.</summary>
/// <param name="Client">The address, or the network.</param>
/// <param name="Helo">What it called itself last; null: nothing that looks like a host's name.</param>
/// <param name="FirstSeen">When it was seen first since the start.</param>
/// <param name="LastSeen">When it was seen last.</param>
/// <param name="Sessions">Sessions that ended.</param>
/// <param name="Messages">Accepted messages.</param>
/// <param name="Refused">Replies 4yz and 5yz that it was given.</param>
/// <param name="Octets">Octets that it sent.</param>
/// <param name="Listeners">Listeners that it uses.</param>
/// <param name="Ports">Their ports.</param>
/// <param name="Tls">Its TLS.</param>
/// <param name="Auth">How it logs in.</param>
/// <param name="Breaks">What it could not do without: <c>clear</c> (mail or AUTH without TLS), <c>plaintext_auth</c>, <c>tls10</c>,
/// <c>tls11</c> (nothing newer was seen of it), <c>port25</c>.</param>
/// <param name="Name">The name that its address has by reverse lookup, where <c>SmtpProxy:Live:ResolveClients</c> asks for it; null: it has
/// none, or is not known yet.</param>
internal sealed record SeenClient(
    string Client, string? Helo, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Sessions, long Messages, long Refused, long Octets,
    IReadOnlyList<string> Listeners, IReadOnlyList<int> Ports, ClientTlsView Tls, ClientAuthView Auth, IReadOnlyList<string> Breaks,
    string? Name = null)
{
    /// <summary>What could be switched off.</summary>
    public static IReadOnlyList<string> Switches { get; } = ["clear", "plaintext_auth", "tls10", "tls11", "port25"];

    /// <summary>The view of a client.</summary>
    public static SeenClient Of(ClientEntry client, IReadOnlyDictionary<string, int> portOf)
    {
        int[] ports = [.. client.Listeners.Select(l => portOf.GetValueOrDefault(l)).Where(static p => p > 0).Distinct().Order()];
        return new SeenClient(
            client.Address.ToString(), client.Helo, client.FirstSeen, client.LastSeen, client.Sessions, client.Messages, client.Refused,
            client.Octets, [.. client.Listeners], ports,
            new ClientTlsView(client.TlsOffered, client.TlsUsed, [.. client.Versions], client.ClearSessions),
            new ClientAuthView([.. client.Mechanisms], client.AuthInClear), [.. Breaking(client, ports)]);
    }

    /// <summary>All of these as one.</summary>
    public static SeenClient Sum(string network, IReadOnlyList<SeenClient> clients) => new(
        network, clients.Count == 1 ? clients[0].Helo : null, clients.Min(static c => c.FirstSeen), clients.Max(static c => c.LastSeen),
        clients.Sum(static c => c.Sessions),
        clients.Sum(static c => c.Messages), clients.Sum(static c => c.Refused), clients.Sum(static c => c.Octets),
        All(clients, static c => c.Listeners), All(clients, static c => c.Ports),
        new ClientTlsView(clients.Any(static c => c.Tls.Offered), clients.Any(static c => c.Tls.Used),
            All(clients, static c => c.Tls.Versions), clients.Sum(static c => c.Tls.ClearSessions)),
        new ClientAuthView(All(clients, static c => c.Auth.Mechanisms), clients.Sum(static c => c.Auth.InClear)),
        All(clients, static c => c.Breaks));

    private static T[] All<T>(IReadOnlyList<SeenClient> clients, Func<SeenClient, IEnumerable<T>> of) =>
        [.. clients.SelectMany(of).Distinct().Order()];

    private static IEnumerable<string> Breaking(ClientEntry client, int[] ports)
    {
        if (client.ClearSessions > 0)
        {
            yield return "clear";
        }

        if (client.AuthInClear > 0)
        {
            yield return "plaintext_auth";
        }

        var best = client.Versions.Max(StringComparer.Ordinal);
        if (best is "1.0")
        {
            yield return "tls10";
        }

        if (best is "1.0" or "1.1")
        {
            yield return "tls11";
        }

        if (ports.Contains(25))
        {
            yield return "port25";
        }
    }
}

/// <summary>A client's TLS.</summary>
/// <param name="Offered">Whether TLS was offered to it.</param>
/// <param name="Used">Whether it ever used it.</param>
/// <param name="Versions">Versions that it agreed on with the proxy; where TLS passes through, the best that it offers.</param>
/// <param name="ClearSessions">Sessions with mail, or AUTH, without TLS.</param>
internal sealed record ClientTlsView(bool Offered, bool Used, IReadOnlyList<string> Versions, long ClearSessions);

/// <summary>How a client logs in.</summary>
/// <param name="Mechanisms">By which mechanisms; never as whom.</param>
/// <param name="InClear">How often without TLS.</param>
internal sealed record ClientAuthView(IReadOnlyList<string> Mechanisms, long InClear);

/// <summary>A page of clients.</summary>
/// <param name="Clients">Them.</param>
/// <param name="Next">Where the next page begins; null: there is none.</param>
/// <param name="Total">How many there are that were asked for.</param>
/// <param name="Max">How many may be remembered.</param>
/// <param name="Forgotten">How many were forgotten to make room.</param>
/// <param name="WouldBreak">By what could be switched off: how many clients would break, of all.</param>
internal sealed record ClientsAnswer(
    IReadOnlyList<SeenClient> Clients, string? Next, int Total, int Max, long Forgotten,
    IReadOnlyDictionary<string, ClientShare> WouldBreak);

/// <summary>So many clients, of how many.</summary>
internal sealed record ClientShare(int Clients, int Of);
