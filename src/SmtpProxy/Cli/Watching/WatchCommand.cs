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
        var json = new Option<bool>("--json");
        var filters = new WatchFilters();
        var command = new TaughtCommand("watch", "the sessions of a proxy that runs, in the terminal", WatchHelp.Text)
            { admin, lines, json };
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
                    ? new WatchScreen(api, filters.Query(parsed), filters.OnlyFailed(parsed), Paint.OfOutput()).RunAsync(stop.Token)
                    : FollowAsync(api, parsed, filters, parsed.GetValue(json), stop.Token)).ConfigureAwait(false);
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
    private static async Task FollowAsync(FaultsClient api, ParseResult parsed, WatchFilters filters, bool isJson, CancellationToken stop)
    {
        var (output, print, query) = (parsed.InvocationConfiguration.Output, new SessionLines(Paint.OfOutput()), filters.Query(parsed));
        string? last = null;
        while (true)
        {
            try
            {
                var stream = await api.FollowAsync($"sessions/stream{(query.Length > 0 ? $"?{query}" : "")}", last).ConfigureAwait(false);
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

        async Task PrintAsync(ServerEvent said)
        {
            using var data = JsonDocument.Parse(said.Data);
            switch (said.Name)
            {
                case "hello":
                    last ??= SessionLines.Text(data.RootElement, "last");
                    break;
                case "session" when !filters.OnlyFailed(parsed)
                    || data.RootElement.GetProperty("diagnosis").ValueKind == JsonValueKind.Object:
                    foreach (var line in isJson ? [Printable.Json(said.Data)] : print.Of(data.RootElement))
                    {
                        await output.WriteLineAsync(line).ConfigureAwait(false);
                    }

                    break;
                case "gap":
                    await parsed.InvocationConfiguration.Error.WriteLineAsync(
                        $"smtpproxy: {data.RootElement.GetProperty("missed")} sessions were missed").ConfigureAwait(false);
                    break;
            }
        }
    }
}
