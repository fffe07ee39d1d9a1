using System.CommandLine;
using SmtpProxy.Configuration;

namespace SmtpProxy.Cli;

/// <summary><c>check</c>: validates the configuration and prints what would run.</summary>
internal static class CheckCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="options">Its options, those of <c>run</c>.</param>
    /// <param name="keys">The configuration that the command line spells out.</param>
    public static Command Create(ProxyOptions options, IReadOnlyDictionary<string, string?> keys)
    {
        var command = new TaughtCommand("check", "validate the configuration and print what would run", HelpText.Run);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            using var configuration = ConfigurationSetup.Load(options.Read(parsed, keys));
            foreach (var line in Summary.Of(configuration).Concat(Provenance.Of(configuration)))
            {
                parsed.InvocationConfiguration.Output.WriteLine(Printable.Of(line));
            }

            return ExitCode.Good;
        });
        return command;
    }
}
