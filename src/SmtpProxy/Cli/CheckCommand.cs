using System.CommandLine;
using Microsoft.Extensions.Options;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;

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
        var json = new Option<bool>("--json");
        var command = new TaughtCommand("check", "validate the configuration and print what would run", HelpText.Check) { ask, json };
        options.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(json))
            {
                return await PrintJsonAsync(
                    () => ConfigurationSetup.Load(options.Read(parsed, keys)), parsed.GetValue(ask),
                    parsed.InvocationConfiguration.Output, cancel)
                    .ConfigureAwait(false);
            }

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

    /// <summary>For scripts: one object on standard output, whatever comes of it.</summary>
    private static async Task<int> PrintJsonAsync(
        Func<ValidatedConfiguration> load, bool isAsked, TextWriter output, CancellationToken cancel)
    {
        try
        {
            using var configuration = load();
            var asked = isAsked ? await AskedRelays.AskAsync(configuration, cancel).ConfigureAwait(false) : null;
            await output.WriteLineAsync(CheckJson.Of(configuration, asked?.Answers)).ConfigureAwait(false);
            return asked is { AreWell: false } ? ExitCode.RelayAmiss : ExitCode.Good;
        }
        catch (ConfigurationException e)
        {
            await output.WriteLineAsync(CheckJson.Wrong(e.Problems.Select(static p => p.Text))).ConfigureAwait(false);
            return ExitCode.Refused;
        }
        catch (OptionsValidationException e)
        {
            await output.WriteLineAsync(CheckJson.Wrong(e.Failures)).ConfigureAwait(false);
            return ExitCode.Refused;
        }
    }
}
