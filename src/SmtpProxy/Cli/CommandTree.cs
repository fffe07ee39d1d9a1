using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using Microsoft.Extensions.Options;
using SmtpProxy.Cli.Clients;
using SmtpProxy.Cli.Faults;
using SmtpProxy.Cli.Help;
using SmtpProxy.Cli.Output;
using SmtpProxy.Cli.Probing;
using SmtpProxy.Cli.Rehearsing;
using SmtpProxy.Cli.Relays;
using SmtpProxy.Cli.Running;
using SmtpProxy.Cli.Watching;
using SmtpProxy.Configuration;
using SmtpProxy.Configuration.Schema;
using SmtpProxy.Transport;

namespace SmtpProxy.Cli;

/// <summary>The commands there are, and the way from arguments to one of them.</summary>
internal static class CommandTree
{
    /// <summary>Runs what the arguments ask for.</summary>
    /// <param name="args">The arguments of the process.</param>
    /// <param name="build">Puts the proxy together.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Func<ValidatedConfiguration, ProxyRun> build)
    {
        var keys = ConfigurationArguments.Split(args);
        var root = Create(keys.Values, build);
        var parsed = root.Parse(keys.Rest, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // What is to be completed is not complete.
        var isSuggestion = root.Directives.OfType<SuggestDirective>().Any(directive => parsed.GetResult(directive) is not null);
        if (!isSuggestion && UsageProblems.Of(parsed, keys.Problems) is { Count: > 0 } problems)
        {
            return Refuse($"the command line cannot be used; see {UsageProblems.HelpFor(parsed.CommandResult.Command)}", problems);
        }

        try
        {
            // The proxy has its own way with signals, and failures are told in words.
            return await parsed.InvokeAsync(new InvocationConfiguration
                { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false })
                .ConfigureAwait(false);
        }
        catch (ConfigurationException e)
        {
            return Refuse("the configuration cannot be used", e.Problems.Select(static p => p.Text));
        }
        catch (OptionsValidationException e)
        {
            return Refuse("the configuration cannot be used", e.Failures);
        }
        catch (FaultsRefusedException e)
        {
            return Refuse("the command line cannot be used; see smtpproxy faults --help", [e.Message]);
        }
        catch (Exception e) when (e is TransportException or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return Refuse("cannot run", [e.Message]);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nobody thought of this. A developer sees where it was; an operator sees what it was, and no core is written.
            return Refuse("cannot run", [$"{e.Message.ReplaceLineEndings(" ")} ({e.GetType().Name})",
                .. ConfigurationSetup.EnvironmentName == Environments.Development ? [e.ToString()] : Array.Empty<string>()]);
        }
    }

    private static RootCommand Create(IReadOnlyDictionary<string, string?> keys, Func<ValidatedConfiguration, ProxyRun> build)
    {
        var options = new ProxyOptions();
        var root = new RootCommand
        {
            RunCommand.Create(options, keys, build),
            CheckCommand.Create(options, keys),
            HealthCheckCommand.Create(options, keys),
            ProbeCommand.Create(),
            WatchCommand.Create(),
            CompletionCommand.Create(),
            CodeCommand.Create(),
            FaultsCommand.Create(),
            RehearseCommand.Create(build),
            RelaysCommand.Create(),
            ClientsCommand.Create(),
            DemoCommand.Create(options, keys, build),
        };
        RunCommand.Give(root, options, keys, build);
        root.Options.OfType<HelpOption>().Single().Action = new TeachAction();
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        return root;
    }

    private static int Refuse(string what, IEnumerable<string> problems)
    {
        Console.Error.WriteLine($"smtpproxy: {what}:");
        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"  {Printable.Lines(problem)}");
        }

        return ExitCode.Refused;
    }
}
