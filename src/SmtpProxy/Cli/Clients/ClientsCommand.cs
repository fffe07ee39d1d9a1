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

    private const string Text = """
        smtpproxy clients - who uses the relays of a proxy that runs, and who would break if something were switched off

        Usage
          smtpproxy clients [options]

        Options
          --breaks WHAT        those alone that would break without: clear, plaintext_auth, tls10, tls11, port25
          --by address|network by address (the default), or by /24 and /64
          --sort KEY           last_seen (the default), messages, sessions, refused or octets
          --admin URL          the admin address of the proxy; http://127.0.0.1:9025 unless you say so
          --json               the answer as JSON
          --csv                comma-separated values, all clients
        The token of the proxy, where it has one, is read from the environment variable SMTPPROXY_TOKEN.

        What is remembered begins with the proxy's start, and is bounded by SmtpProxy:Live:MaxClients.

        Exit codes: 0 it was done, 1 it was refused; standard error says why, and what would be right.

        Recipes
          Who sends passwords in the clear?
            smtpproxy clients --breaks plaintext_auth
          A list for a spreadsheet:
            smtpproxy clients --csv > clients.csv

        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var admin = new Option<string>("--admin") { DefaultValueFactory = static _ => "http://127.0.0.1:9025" };
        var (json, csv) = (new Option<bool>("--json"), new Option<bool>("--csv"));
        var (breaks, by, sort) = (new Option<string?>("--breaks"), new Option<string?>("--by"), new Option<string?>("--sort"));
        var command = new TaughtCommand("clients", "who uses the relays, and who would break if something were switched off", Text)
            { admin, json, csv, breaks, by, sort };
        command.SetAction((parsed, cancel) =>
        {
            var query =
                $"{Path}?limit=1000{Of("breaks", parsed.GetValue(breaks))}{Of("by", parsed.GetValue(by))}" +
                    $"{Of("sort", parsed.GetValue(sort))}";
            return FaultsCommand.Ask(parsed, admin, json, api => api.GetAsync(query), parsed.GetValue(csv) ? Csv : Show, cancel, Path);
        });
        return command;
    }

    private static string Of(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static string Show(JsonNode answer)
    {
        var text = new StringBuilder();
        foreach (var client in answer["clients"]!.AsArray())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  {client!["client"],-24} {client["helo"]?.ToString() ?? "-",-28} {client["sessions"],7} sessions " +
                    $"{client["messages"],7} messages {client["refused"],6} refused  ")
                .Append(CultureInfo.InvariantCulture, $"tls {Tls(client["tls"]!)}, auth {Auth(client["auth"]!)}")
                .Append(client["breaks"]!.AsArray().Count > 0 ? $"  ({Joined(client["breaks"]!)})" : "")
                .AppendLine(client["name"] is { } name ? $"  {name}" : "");
        }

        if (text.Length == 0)
        {
            text.AppendLine("no client was seen");
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

    private static string Csv(JsonNode answer)
    {
        var text =
            new StringBuilder(
                "client,helo,last_seen,sessions,messages,refused,octets,listeners,tls_offered,tls_used,tls_versions,clear_sessions," +
                    "auth_mechanisms,auth_in_clear,breaks\n");
        foreach (var client in answer["clients"]!.AsArray())
        {
            var (tls, auth) = (client!["tls"]!, client["auth"]!);
            text.AppendJoin(',', client["client"], client["helo"], client["last_seen"], client["sessions"], client["messages"],
                client["refused"], client["octets"], Joined(client["listeners"]!),
                tls["offered"], tls["used"], Joined(tls["versions"]!), tls["clear_sessions"], Joined(auth["mechanisms"]!), auth["in_clear"],
                Joined(client["breaks"]!)).Append('\n');
        }

        return text.ToString();
    }
}
