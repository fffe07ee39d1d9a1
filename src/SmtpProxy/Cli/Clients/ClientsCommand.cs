using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Help;

namespace SmtpProxy.Cli.Clients;

/// <summary><c>clients</c>: who uses a running proxy, by its HTTP API.</summary>
internal static class ClientsCommand
{
    private const string Path = "/api/v1/clients";
    private const int MostShown = 1000;

    private const string Text = """
        smtpproxy clients - who uses the relays of a proxy that runs, and who would break if something were switched off

        Usage
          smtpproxy clients [options]

        Options
          --breaks WHAT        those alone that would break without: clear, plaintext_auth, tls10, tls11, port25
          --by address|network by address (the default), or by /24 and /64
          --sort KEY           last_seen (the default), messages, sessions, refused or octets
          --admin URL          the admin address of the proxy; http://127.0.0.1:9025 unless you say so
          --json               the answer as JSON, all clients
          --csv                comma-separated values, all clients
          --fleet              those of all proxies of its fleet, each once, with the proxies that know it; who is not shown is said
        The token of the proxy, where it has one, is read from the environment variable SMTPPROXY_TOKEN.

        What is remembered begins with the proxy's start, and is bounded by SmtpProxy:Live:MaxClients.

        Exit codes: 0 it was done, 1 it was refused; standard error says why, and what would be right.

        Recipes
          Who sends passwords in the clear?
            smtpproxy clients --breaks plaintext_auth
          A list for a spreadsheet:
            smtpproxy clients --csv > clients.csv
          The same, of the whole fleet:
            smtpproxy clients --fleet --csv > clients.csv

        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var admin = new Option<string>("--admin") { DefaultValueFactory = static _ => "http://127.0.0.1:9025" };
        var (json, csv, fleet) = (new Option<bool>("--json"), new Option<bool>("--csv"), new Option<bool>("--fleet"));
        var (breaks, by, sort) = (new Option<string?>("--breaks"), new Option<string?>("--by"), new Option<string?>("--sort"));
        var command = new TaughtCommand("clients", "who uses the relays, and who would break if something were switched off", Text)
            { admin, json, csv, fleet, breaks, by, sort };
        command.SetAction((parsed, cancel) =>
        {
            // Scripts get all of them; a person gets what can be read.
            var (isJson, isCsv) = (parsed.GetValue(json), parsed.GetValue(csv));
            var asked = $"{Of("breaks", parsed.GetValue(breaks))}{Of("by", parsed.GetValue(by))}{Of("sort", parsed.GetValue(sort))}";
            if (parsed.GetValue(fleet))
            {
                return FleetClientsText.AskAsync(parsed, admin, json, isCsv && !isJson,
                    $"{(isJson || isCsv ? "format=json" : $"limit={MostShown}")}{asked}", cancel);
            }

            var query = $"{Path}?{(isJson ? "format=json" : isCsv ? "format=csv" : $"limit={MostShown}")}{asked}";
            return FaultsCommand.Ask(parsed, admin, json, api => isCsv && !isJson ? Lines(api.GetTextAsync(query)) : api.GetAsync(query),
                isCsv ? static lines => string.Concat(lines.AsArray().Select(static line => $"{line}\n")) : Show, cancel, Path);
        });
        return command;
    }

    private static async Task<JsonNode?> Lines(Task<string> text) =>
        new JsonArray([.. (await text.ConfigureAwait(false)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => (JsonNode)line)]);

    private static string Of(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    /// <summary>Clients, and who would break, as a person reads them.</summary>
    public static string Show(JsonNode answer)
    {
        var text = new StringBuilder();
        foreach (var client in answer["clients"]!.AsArray())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  {client!["client"],-24} {client["helo"]?.ToString() ?? "-",-28} {client["sessions"],7} sessions " +
                    $"{client["messages"],7} messages {client["refused"],6} refused  ")
                .Append(CultureInfo.InvariantCulture, $"tls {Tls(client["tls"]!)}, auth {Auth(client["auth"]!)}")
                .Append(client["breaks"]!.AsArray().Count > 0 ? $"  ({Joined(client["breaks"]!)})" : "")
                .Append(client["name"] is { } name ? $"  {name}" : "")
                .AppendLine(client["nodes"] is { } nodes ? $"  at {Joined(nodes)}" : "");
        }

        if (text.Length == 0)
        {
            text.AppendLine("no client was seen");
        }

        if (answer["next"] is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {MostShown} of {answer["total"]}; --csv and --json have all\n");
        }

        foreach (var (what, share) in answer["would_break"]!.AsObject())
        {
            text.Append(CultureInfo.InvariantCulture, $"  without {what,-16} {share!["clients"]} of {share["of"]} clients would break\n");
        }

        return text.ToString();
    }

    private static string Tls(JsonNode tls) =>
        tls["used"]!.GetValue<bool>()
            ? Joined(tls["versions"]!) is { Length: > 0 } versions ? versions
            : "used" : tls["offered"]!.GetValue<bool>() ? "offered" : "no";

    private static string Auth(JsonNode auth) =>
        Joined(auth["mechanisms"]!) is { Length: > 0 } mechanisms
            ? $"{mechanisms}{(auth["in_clear"]!.GetValue<long>() > 0 ? " in the clear" : "")}" : "no";

    private static string Joined(JsonNode list) => string.Join(' ', list.AsArray().Select(static item => item!.ToString()));
}
