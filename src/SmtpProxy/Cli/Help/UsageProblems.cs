using System.CommandLine;
using System.CommandLine.Parsing;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli.Help;

/// <summary>What is wrong with a command line, in words that help.</summary>
internal static class UsageProblems
{
    /// <summary>All of it: what was found in configuration arguments, and what the parser did not understand.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed, IEnumerable<string> known)
    {
        var unknown = parsed.UnmatchedTokens.ToHashSet();

        // Behind an option that is not known may come its value, which is no mistake of its own.
        var unmatched = unknown.Any(IsOption) ? parsed.UnmatchedTokens.Where(IsOption) : parsed.UnmatchedTokens;
        return
        [
            .. known,
            .. unmatched.Select(token => Unknown(token, parsed.CommandResult.Command)),
            // Who asks for help has made no mistake.
            .. parsed.Errors.Count > 0 ? Missing(parsed.CommandResult) : [],
            .. parsed.Errors.Where(e => e.SymbolResult is not ArgumentResult { Tokens.Count: 0, Parent: CommandResult })
                .Select(static e => e.Message).Where(message => !unknown.Any(u => message.Contains($"'{u}'", StringComparison.Ordinal))),
        ];
    }

    /// <summary>The command line that shows the help of a command.</summary>
    public static string HelpFor(Command command) => $"smtpproxy{PathOf(command)} --help";

    /// <summary>Arguments that a command must have and was not given.</summary>
    private static IEnumerable<string> Missing(CommandResult result) =>
        from argument in result.Command.Arguments
        where argument.Arity.MinimumNumberOfValues > 0 && result.GetResult(argument) is not { Tokens.Count: > 0 }
        select $"smtpproxy{PathOf(result.Command)}: write which {argument.Name.ToUpperInvariant()}; {HelpFor(result.Command)} has examples";

    private static string PathOf(Command command) => command is RootCommand ? "" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";

    private static bool IsName(string token) => token.StartsWith("--", StringComparison.Ordinal) || token.Length == 2;

    private static bool IsOption(string token) => token.StartsWith('-');

    private static string Unknown(string token, Command command)
    {
        // What follows '=' can be a secret in the wrong place.
        var name = token.Split('=', 2)[0];
        var commands = command.Subcommands.Select(static c => c.Name).ToArray();
        return name == "help" ? $"there is no command 'help'; write {HelpFor(command)}"
            : IsOption(name) && IsName(name) ? $"{name} is not a known option; {DidYouMean.Hint(name, [.. command.Options.Select(static o => o.Name), "--help", "--version"])}"
            : DidYouMean.Nearest(name, commands) is { } meant ? $"'{name}' is not a known command; did you mean {meant}?"
            : $"there is an argument that is no command and no option; it is not repeated, because it may be a secret. Known here: {string.Join(", ", commands)}";
    }
}
