using System.CommandLine;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Configuration;

namespace SmtpProxy.Cli;

/// <summary><c>check</c>: validates the configuration and prints what would run. Touches no network but with <c>--ask</c>.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="options">Its options, those of <c>run</c>.</param>
    /// <param name="keys">The configuration that the command line spells out.</param>
    public static Command Create(ProxyOptions options, IReadOnlyDictionary<string, string?> keys)
    {
        var ask = new Option<bool>("--ask");
        var command = new TaughtCommand("check", "validate the configuration and print what would run", HelpText.Check) { ask };
        options.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var configuration = ConfigurationSetup.Load(options.Read(parsed, keys));
            Print(Summary.Of(configuration));
            var asked = parsed.GetValue(ask) ? await AskedRelays.AskAsync(configuration, cancel).ConfigureAwait(false) : null;
            Print(asked?.Lines() ?? []);
            Print(Provenance.Of(configuration));
            return asked is { AreWell: false } ? ExitCode.RelayAmiss : ExitCode.Good;

            void Print(IEnumerable<string> lines)
            {
                foreach (var line in lines)
                {
                    parsed.InvocationConfiguration.Output.WriteLine(Printable.Of(line));
                }
            }
        });
        return command;
    }
}
