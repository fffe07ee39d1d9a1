using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli.Faults;

/// <summary><c>faults</c>: what a running proxy breaks on purpose, by its HTTP API.</summary>
internal static class FaultsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var admin = new Option<string>("--admin") { DefaultValueFactory = static _ => "http://127.0.0.1:9025", Recursive = true };
        var json = new Option<bool>("--json") { Recursive = true };
        var command = new TaughtCommand("faults", "break mail on purpose, in a proxy that runs: list, start, stop, halt, resume, explain",
            FaultsHelp.Text) { admin, json };
        command.Subcommands.Add(List(admin, json));
        command.Subcommands.Add(Start(admin, json));
        command.Subcommands.Add(Stop(admin, json));
        command.Subcommands.Add(Halt(admin, json));
        command.Subcommands.Add(Resume(admin, json));
        command.Subcommands.Add(Explain(admin, json));
        command.SetAction((parsed, cancel) => Ask(parsed, admin, json, static api => api.GetAsync("status"), FaultsText.Status, cancel));
        return command;
    }

    private static TaughtCommand List(Option<string> admin, Option<bool> json)
    {
        var presets = new Option<bool>("--presets");
        var list = new TaughtCommand("list", "rules and where they stand; with --presets what can be started", FaultsHelp.Text) { presets };
        list.SetAction((parsed, cancel) => parsed.GetValue(presets)
            ? Ask(parsed, admin, json, static api => api.GetAsync("scenarios"), FaultsText.Presets, cancel)
            : Ask(parsed, admin, json, static api => api.GetAsync("status"), FaultsText.Status, cancel));
        return list;
    }

    private static TaughtCommand Start(Option<string> admin, Option<bool> json)
    {
        var preset = new Argument<string>("preset");
        var ttl = new Option<string>("--ttl") { DefaultValueFactory = static _ => "00:10:00" };
        var scale = new Option<double?>("--scale") { CustomParser = Number };
        var match = new Option<string[]>("--match");
        var set = new Option<string[]>("--set");
        var start = new TaughtCommand("start", "start a preset", FaultsHelp.Text) { preset, ttl, scale, match, set };
        start.SetAction((parsed, cancel) => Ask(parsed, admin, json, api => api.PostAsync(
            $"scenarios/{Uri.EscapeDataString(parsed.GetValue(preset)!)}/start",
            new JsonObject
            {
                ["ttl"] = FaultsArguments.Time(parsed.GetValue(ttl)!),
                ["scale"] = parsed.GetValue(scale),
                ["match"] = FaultsArguments.Members(parsed.GetValue(match)),
                ["set"] = FaultsArguments.Members(parsed.GetValue(set)),
            }), run => FaultsText.Started(run, FaultsArguments.Time(parsed.GetValue(ttl)!)), cancel));
        return start;
    }

    private static TaughtCommand Stop(Option<string> admin, Option<bool> json)
    {
        var run = new Argument<string>("run");
        var stop = new TaughtCommand("stop", "end a run, a preset, or a rule made over HTTP", FaultsHelp.Text) { run };
        stop.SetAction((parsed, cancel) => Ask(parsed, admin, json,
            api => api.DeleteAsync($"scenarios/{Uri.EscapeDataString(parsed.GetValue(run)!)}"), static _ => "stopped\n", cancel));
        return stop;
    }

    private static TaughtCommand Halt(Option<string> admin, Option<bool> json)
    {
        var reason = new Argument<string?>("reason") { Arity = ArgumentArity.ZeroOrOne };
        var halt = new TaughtCommand("halt", "stop all faults at once and release what they hold, until resume", FaultsHelp.Text)
            { reason };
        halt.SetAction((parsed, cancel) => Ask(parsed, admin, json,
            api => api.PostAsync("halt", new JsonObject { ["reason"] = parsed.GetValue(reason) ?? "asked for on the command line" }),
            FaultsText.Status, cancel));
        return halt;
    }

    private static TaughtCommand Resume(Option<string> admin, Option<bool> json)
    {
        var resume = new TaughtCommand("resume", "let faults strike again", FaultsHelp.Text);
        resume.SetAction((parsed, cancel) =>
            Ask(parsed, admin, json, static api => api.PostAsync("resume", []), FaultsText.Status, cancel));
        return resume;
    }

    private static TaughtCommand Explain(Option<string> admin, Option<bool> json)
    {
        var session = new Argument<string[]>("member=value") { Arity = ArgumentArity.ZeroOrMore };
        var explain = new TaughtCommand("explain", "which rule would strike in a session such as this, and why", FaultsHelp.Text)
            { session };
        explain.SetAction((parsed, cancel) => Ask(parsed, admin, json,
            async api =>
            {
                var points = await api.PostAsync("explain", FaultsArguments.Members(parsed.GetValue(session)) ?? []).ConfigureAwait(false);
                // "No rule" is true of a proxy without faults, and no answer to why nothing happens.
                return points is JsonArray { Count: 0 }
                    && (await api.GetAsync("status").ConfigureAwait(false))?["enabled"]?.GetValue<bool>() is false
                    ? throw new FaultsRefusedException(FaultsText.NotEnabled)
                    : points;
            }, ExplainText.Of, cancel));
        return explain;
    }

    private static double? Number(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        result.AddError($"--scale {result.Tokens[0].Value}: write a number; 0.1 makes every time a tenth");
        return null;
    }

    /// <summary>A way to the API of the proxy that the command line names.</summary>
    /// <exception cref="FaultsRefusedException">It names none.</exception>
    internal static FaultsClient Open(ParseResult parsed, Option<string> admin, string under, CancellationToken cancel)
    {
        if (!Uri.TryCreate(parsed.GetValue(admin), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            || !HasHost(address))
        {
            throw new FaultsRefusedException(
                $"--admin {parsed.GetValue(admin)}: write the admin address of a proxy that runs, such as http://127.0.0.1:9025");
        }

        if (OwnVariables.InsteadOf(OwnVariables.Token, Environment.GetEnvironmentVariables()) is { } misspelt)
        {
            throw new FaultsRefusedException($"the environment variable {misspelt} is not read; did you mean {OwnVariables.Token}?");
        }

        return new FaultsClient(address, Environment.GetEnvironmentVariable(OwnVariables.Token), cancel, under);
    }

    /// <summary>A name may have letters that no name of a host has.</summary>
    internal static bool HasHost(Uri address)
    {
        try
        {
            return address.IdnHost.Length > 0;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    /// <summary>Asks a running proxy, and prints what it answers.</summary>
    internal static async Task<int> Ask(
        ParseResult parsed, Option<string> admin, Option<bool> json, Func<FaultsClient, Task<JsonNode?>> ask, Func<JsonNode, string> show,
        CancellationToken cancel,
        string under = "/api/v1/faults/")
    {
        using var api = Open(parsed, admin, under, cancel);
        try
        {
            var answer = await ask(api).ConfigureAwait(false) ?? new JsonObject();
            var text = parsed.GetValue(json) ? answer.ToJsonString(FaultsText.Indented) + "\n" : show(PrintableJson.Of(answer));
            await parsed.InvocationConfiguration.Output.WriteAsync(text).ConfigureAwait(false);
            return ExitCode.Good;
        }
        catch (Exception e) when (e is FaultsRefusedException || IsOfOtherJson(e))
        {
            var why = (e as FaultsRefusedException ?? api.NoProxy()).Message;
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"smtpproxy: {Printable.Lines(why)}").ConfigureAwait(false);
            return ExitCode.Refused;
        }
    }

    /// <summary>Whether something failed because JSON that is no proxy's has other members, or none.</summary>
    internal static bool IsOfOtherJson(Exception e) => e is not UriFormatException && e is InvalidOperationException
        or NullReferenceException or KeyNotFoundException or FormatException or JsonException
        or InvalidDataException or ArgumentException;
}
