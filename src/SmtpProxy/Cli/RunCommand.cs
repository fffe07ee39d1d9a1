using System.CommandLine;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Configuration.Sources;

namespace SmtpProxy.Cli;

/// <summary><c>run</c>, and what happens without a command: the proxy, until it is told to stop.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="keys">The configuration that the command line spells out.</param>
    /// <param name="build">Puts the proxy together.</param>
    public static Command Create(ProxyOptions options, IReadOnlyDictionary<string, string?> keys,
        Func<ValidatedConfiguration, ProxyRun> build)
    {
        var command = new TaughtCommand("run", "run the proxy (the default)", HelpText.Run);
        Give(command, options, keys, build);
        return command;
    }

    /// <summary>Gives a command the options and the action of <c>run</c>.</summary>
    public static void Give(Command command, ProxyOptions options, IReadOnlyDictionary<string, string?> keys,
        Func<ValidatedConfiguration, ProxyRun> build)
    {
        options.AddTo(command);
        var quiet = new Option<bool>("--quiet");
        var messages = new Option<bool>("--messages");
        command.Add(quiet);
        command.Add(messages);
        command.SetAction(async (parsed, _) =>
        {
            using var signals = new SurvivedSignals();
            var isTerminal = !Console.IsOutputRedirected;
            using var configuration = ConfigurationSetup.Load(
                Calmed(options.Read(parsed, keys), isTerminal && !Console.IsErrorRedirected && !parsed.GetValue(quiet)));
            if (ProcessEnvironment.IsImplied && !parsed.GetValue(quiet))
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(
                    "smtpproxy: --faults: faults can be armed here. As DOTNET_ENVIRONMENT names no environment, "
                    + $"this is {ProcessEnvironment.Name}; "
                    + "do not use it for mail that matters").ConfigureAwait(false);
            }

            await using var run = build(configuration);
            // A journal on standard output is read by a program.
            if (parsed.GetValue(quiet) || configuration.Current.Journal.Path == "-" || (!isTerminal && !parsed.GetValue(messages)))
            {
                return await run.RunAsync().ConfigureAwait(false);
            }

            var output = parsed.InvocationConfiguration.Output;
            await using var console = run.Sightings is { } store ? new RunConsole(store, output, Paint.OfOutput()) : null;
            return await run.RunAsync(async (listeners, urls, stopping) =>
            {
                if (isTerminal)
                {
                    // A terminal that was stopped takes nothing, and a signal has to be heard all the same.
                    var lines = string.Join(Environment.NewLine,
                        Welcome.Lines(listeners, [.. urls], configuration.Current, Paint.OfOutput()));
                    await Task.Run(() => output.WriteLine(lines), CancellationToken.None).WaitAsync(stopping)
                        .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                await stopping.WhenCancelled().ConfigureAwait(false);
            }).ConfigureAwait(false);
        });
    }

    /// <summary>What a terminal gets as a line for each message it need not get as an entry of the log, too.</summary>
    private static Overrides Calmed(Overrides said, bool isShown) =>
        isShown && !said.Values.Keys.Any(static key => key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase))
        ? said with { Values = new Dictionary<string, string?>(said.Values, StringComparer.OrdinalIgnoreCase)
            { ["Logging:LogLevel:SmtpProxy.Telemetry.Failures.FailureLog"] = "Warning" } }
        : said;
}
