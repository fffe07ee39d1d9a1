using System.CommandLine;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Running;
using SmtpProxy.Configuration;

namespace SmtpProxy.Cli;

/// <summary><c>run</c>, and what happens without a command: the proxy, until it is told to stop.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="keys">The configuration that the command line spells out.</param>
    /// <param name="build">Puts the proxy together.</param>
    public static Command Create(ProxyOptions options, IReadOnlyDictionary<string, string?> keys, Func<ValidatedConfiguration, ProxyRun> build)
    {
        var command = new TaughtCommand("run", "run the proxy (the default)", HelpText.Run);
        Give(command, options, keys, build);
        return command;
    }

    /// <summary>Gives a command the options and the action of <c>run</c>.</summary>
    public static void Give(Command command, ProxyOptions options, IReadOnlyDictionary<string, string?> keys, Func<ValidatedConfiguration, ProxyRun> build)
    {
        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            using var signals = new SurvivedSignals();
            using var configuration = ConfigurationSetup.Load(options.Read(parsed, keys));
            await using var run = build(configuration);
            return await run.RunAsync().ConfigureAwait(false);
        });
    }
}
