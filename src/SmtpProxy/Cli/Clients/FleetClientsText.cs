using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Admin.Fleet;
using SmtpProxy.Admin.Sightings;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Clients;

/// <summary><c>clients --fleet</c>: the clients of all proxies of a fleet, from one of them. Which proxies are not in it goes to standard
/// error, that no list looks whole that is not.</summary>
internal static class FleetClientsText
{
    private const string Path = "/api/v1/fleet/clients";

    /// <summary>Asks, and prints.</summary>
    public static Task<int> AskAsync(ParseResult parsed, Option<string> admin, Option<bool> json, bool isCsv, string query,
        CancellationToken cancel) =>
        FaultsCommand.Ask(parsed, admin, json, async api =>
        {
            var answer = await api.GetAsync($"{Path}?{query}").ConfigureAwait(false);
            foreach (var said in NotShown(answer!))
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"smtpproxy: {Printable.Of(said)}").ConfigureAwait(false);
            }

            return answer;
        }, isCsv ? Csv : Show, cancel, Path);

    private static IEnumerable<string> NotShown(JsonNode answer) =>
    [
        .. answer["unanswered"]!.AsArray().Select(static u => $"not shown: {u!["node"]} ({u["reason"]}): {u["detail"]}"),
        .. answer["partial"]!.AsArray().Select(static node => $"not all of {node}: it knows more clients than it is asked for"),
    ];

    private static string Csv(JsonNode answer) =>
        ClientsCsv.Of(answer["clients"].Deserialize(FleetReadsJson.Default.IReadOnlyListFleetClient)!
            .Select(static c => (c.Client, c.Nodes))).ReplaceLineEndings("\n");

    /// <summary>The same as of one proxy, and where each is known.</summary>
    private static string Show(JsonNode answer) => ClientsCommand.Show(new JsonObject
    {
        ["clients"] = new JsonArray([.. answer["clients"]!.AsArray().Select(static one =>
        {
            var client = one!["client"]!.DeepClone().AsObject();
            client["nodes"] = one["nodes"]!.DeepClone();
            return (JsonNode)client;
        })]),
        ["next"] = answer["next"]?.DeepClone(),
        ["total"] = answer["total"]!.DeepClone(),
        ["would_break"] = answer["breaks"]!.DeepClone(),
    });
}
