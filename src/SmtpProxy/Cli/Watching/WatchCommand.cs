using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Watching;

/// <summary><c>watch</c>: the sessions of a running proxy, by its HTTP API.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var admin = new Option<string>("--admin") { DefaultValueFactory = static _ => "http://127.0.0.1:9025" };
        var lines = new Option<bool>("--lines");
        var (json, fleet) = (new Option<bool>("--json"), new Option<bool>("--fleet"));
        var filters = new WatchFilters();
        var command = new TaughtCommand("watch", "the sessions of a proxy that runs, in the terminal", WatchHelp.Text)
            { admin, lines, json, fleet };
        filters.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var stop = new CancellationTokenSource();
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            }

            var isTable = !parsed.GetValue(lines) && !parsed.GetValue(json) && !Console.IsOutputRedirected && !Console.IsInputRedirected;
            try
            {
                using var api = FaultsCommand.Open(parsed, admin, "/api/v1/", stop.Token);
                await (isTable
                    ? new WatchScreen(api, filters.Query(parsed), filters.OnlyFailed(parsed), Paint.OfOutput(),
                        parsed.GetValue(fleet)).RunAsync(stop.Token)
                    : FollowAsync(api, parsed, filters, parsed.GetValue(json), parsed.GetValue(fleet), stop.Token)).ConfigureAwait(false);
                return ExitCode.Good;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return ExitCode.Good;
            }
            catch (FaultsRefusedException refused)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"smtpproxy: {Printable.Lines(refused.Message)}")
                    .ConfigureAwait(false);
                return ExitCode.Refused;
            }
        });
        return command;
    }

    /// <summary>A line for each message, and on again where the stream breaks off.</summary>
    private static async Task FollowAsync(FaultsClient api, ParseResult parsed, WatchFilters filters, bool isJson, bool isFleet,
        CancellationToken stop)
    {
        var (output, print, query) = (parsed.InvocationConfiguration.Output, new SessionLines(Paint.OfOutput()), filters.Query(parsed));
        string? last = null;
        var lost = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = $"{(isFleet ? "fleet/" : "")}sessions/stream{(query.Length > 0 ? $"?{query}" : "")}";
        while (true)
        {
            try
            {
                var stream = await api.FollowAsync(path, last).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    await foreach (var said in EventReader.ReadAsync(stream, stop).ConfigureAwait(false))
                    {
                        last = said.Id ?? last;
                        await PrintAsync(said).ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e) when (last is not null && e is IOException or HttpRequestException)
            {
                // It was there before: it restarts, or the way to it is down.
            }
            catch (FaultsRefusedException) when (last is not null)
            {
                // The same.
            }

            await Task.Delay(Pause, stop).ConfigureAwait(false);
        }

        Task TellAsync(string what) => parsed.InvocationConfiguration.Error.WriteLineAsync($"smtpproxy: {Printable.Of(what)}");

        async Task PrintAsync(ServerEvent said)
        {
            using var data = JsonDocument.Parse(said.Data);
            var node = SessionLines.Text(data.RootElement, "node");
            switch (said.Name)
            {
                case "hello":
                    // A fleet of which nobody was heard yet has no place.
                    last ??= isFleet ? "" : SessionLines.Text(data.RootElement, "last");
                    foreach (var one in isFleet ? data.RootElement.GetProperty("unanswered").EnumerateArray().ToArray() : [])
                    {
                        await LostAsync(one).ConfigureAwait(false);
                    }

                    break;
                case "session":
                    var session = isFleet ? data.RootElement.GetProperty("session") : data.RootElement;
                    if (filters.OnlyFailed(parsed) && session.GetProperty("diagnosis").ValueKind != JsonValueKind.Object)
                    {
                        break;
                    }

                    foreach (var line in isJson ? [Printable.Json(said.Data)] : print.Of(session))
                    {
                        await output.WriteLineAsync(isFleet && !isJson ? $"{Printable.Of(node),-16} {line}" : line).ConfigureAwait(false);
                    }

                    break;
                case "gap":
                    await TellAsync($"{data.RootElement.GetProperty("missed")} sessions were missed{(node is null ? "" : $" of {node}")}")
                        .ConfigureAwait(false);
                    break;
                case "lost":
                    await LostAsync(data.RootElement).ConfigureAwait(false);
                    break;
                case "found" when IsBack(SessionLines.Text(data.RootElement, "id") ?? "", node ?? ""):
                    await TellAsync($"{node} is back").ConfigureAwait(false);
                    break;
            }
        }

        Task LostAsync(JsonElement said)
        {
            var node = SessionLines.Text(said, "node") ?? "";
            lost[SessionLines.Text(said, "id") ?? node] = node;
            return TellAsync($"{node} is lost ({SessionLines.Text(said, "reason")}): {SessionLines.Text(said, "detail")}");
        }

        // The process itself, or the next one of its name.
        bool IsBack(string id, string node) =>
            lost.Remove(id) || (lost.FirstOrDefault(l => l.Value == node).Key is { } before && lost.Remove(before));
    }
}
