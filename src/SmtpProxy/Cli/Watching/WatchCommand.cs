using System.CommandLine;
using System.Runtime.InteropServices;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;

namespace SmtpProxy.Cli.Watching;

/// <summary><c>watch</c>: the sessions of a running proxy, by its HTTP API.</summary>
internal static class WatchCommand
{
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
            using var api = FaultsCommand.Open(parsed, admin, "/api/v1/", stop.Token);
            try
            {
                await (isTable
                    ? new WatchScreen(api, filters.Query(parsed), filters.OnlyFailed(parsed), Paint.OfOutput(),
                        parsed.GetValue(fleet)).RunAsync(stop.Token)
                    : new WatchLines(api, parsed.InvocationConfiguration, filters.Query(parsed), filters.OnlyFailed(parsed),
                        parsed.GetValue(json), parsed.GetValue(fleet)).RunAsync(stop.Token)).ConfigureAwait(false);
                return ExitCode.Good;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return ExitCode.Good;
            }
            catch (Exception e) when (e is FaultsRefusedException || FaultsCommand.IsOfOtherJson(e))
            {
                var why = (e as FaultsRefusedException ?? api.NoProxy()).Message;
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"smtpproxy: {Printable.Lines(why)}").ConfigureAwait(false);
                return ExitCode.Refused;
            }
        });
        return command;
    }
}
