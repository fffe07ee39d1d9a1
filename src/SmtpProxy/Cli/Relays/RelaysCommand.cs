using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Help;

namespace SmtpProxy.Cli.Relays;

/// <summary><c>relays</c>: the relays of a running proxy, by its HTTP API.</summary>
internal static class RelaysCommand
{
    private const string Path = "/api/v1/upstreams/";

    private const string Text = """
        smtpproxy relays - the relays of a proxy that runs, and taking one out of service

        Usage
          smtpproxy relays [list]                        where each relay stands, and its sessions
          smtpproxy relays drain CLUSTER/DESTINATION     new sessions go elsewhere; those that it has go on
          smtpproxy relays undrain CLUSTER/DESTINATION   it gets sessions again

        Options
          --admin URL          the admin address of the proxy; http://127.0.0.1:9025 unless you say so
          --json               the answer as JSON
        The token of the proxy, where it has one, is read from the environment variable SMTPPROXY_TOKEN.

        A relay that was drained is in service again after a restart of the proxy. With several proxies, ask each.
        A cluster without a relay in service answers its clients with 421, and their mail waits with them.

        Exit codes: 0 it was done, 1 it was refused; standard error says why, and what would be right.

        Recipes
          Take mx1 out for maintenance, see its sessions end, and put it back:
            smtpproxy relays drain relays/mx1
            smtpproxy relays
            smtpproxy relays undrain relays/mx1

        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var admin = new Option<string>("--admin") { DefaultValueFactory = static _ => "http://127.0.0.1:9025", Recursive = true };
        var json = new Option<bool>("--json") { Recursive = true };
        var command = new TaughtCommand("relays", "the relays of a proxy that runs: list, drain, undrain", Text) { admin, json };
        Task<int> List(ParseResult parsed, CancellationToken cancel) =>
            FaultsCommand.Ask(parsed, admin, json, static api => api.GetAsync("/api/v1/upstreams"), Show, cancel, Path);
        var list = new TaughtCommand("list", "where each relay stands, and its sessions", Text);
        list.SetAction(List);
        command.SetAction(List);
        command.Subcommands.Add(list);
        command.Subcommands.Add(Move("drain", "new sessions go elsewhere; those that it has go on", admin, json));
        command.Subcommands.Add(Move("undrain", "it gets sessions again", admin, json));
        return command;
    }

    private static TaughtCommand Move(string verb, string does, Option<string> admin, Option<bool> json)
    {
        var relay = new Argument<string>("cluster/destination");
        var move = new TaughtCommand(verb, does, Text) { relay };
        move.SetAction((parsed, cancel) =>
            FaultsCommand.Ask(parsed, admin, json, api => api.PostAsync(PathOf(parsed.GetValue(relay)!, verb), []), Show, cancel, Path));
        return move;
    }

    private static string PathOf(string relay, string verb) => relay.Split('/') is [{ Length: > 0 } cluster, { Length: > 0 } destination]
        ? $"{Uri.EscapeDataString(cluster)}/{Uri.EscapeDataString(destination)}/{verb}"
        : throw new FaultsRefusedException($"\"{relay}\" is no relay; write CLUSTER/DESTINATION, such as relays/mx1");

    private static string Show(JsonNode relays)
    {
        var text = new StringBuilder();
        foreach (var relay in relays.AsArray())
        {
            text.Append(CultureInfo.InvariantCulture,
                $"  {relay!["cluster"]}/{relay["destination"],-24} {relay["state"],-9} {relay["sessions"],6} sessions  {relay["address"]}")
                .AppendLine(relay["why"] is { } why ? $"  ({why})" : "");
        }

        return text.Length == 0 ? "there are no relays\n" : text.ToString();
    }
}
