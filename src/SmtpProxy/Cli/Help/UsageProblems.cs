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

        // After an option that is not known may come its value, which is no mistake of its own; after a command
        // that is nearly one, its arguments.
        var command = parsed.CommandResult.Command;
        var misspelt = parsed.UnmatchedTokens.FirstOrDefault(token => !IsOption(token) && NearestCommand(token, command) is not null);
        var unmatched = parsed.UnmatchedTokens.Where(token => unknown.Any(IsOption)
            ? IsOption(token) : misspelt is null || IsOption(token) || token == misspelt);
        return
        [
            .. known,
            .. unmatched.Select(token => Unknown(token, command)),
            // Who asks for help has made no mistake.
            .. parsed.Errors.Count > 0 ? Missing(parsed.CommandResult) : [],
            .. parsed.Errors.Where(e => e.SymbolResult is not ArgumentResult { Tokens.Count: 0, Parent: CommandResult })
                .Select(e => Message(e, command)).Where(message => !unknown.Any(u => message.Contains($"'{u}'", StringComparison.Ordinal))),
        ];
    }

    /// <summary>The command line that shows the help of a command.</summary>
    public static string HelpFor(Command command) => $"smtpproxy{PathOf(command)} --help";

    /// <summary>Arguments that a command must have and was not given.</summary>
    private static IEnumerable<string> Missing(CommandResult result) =>
        from argument in result.Command.Arguments
        where argument.Arity.MinimumNumberOfValues > 0 && result.GetResult(argument) is not { Tokens.Count: > 0 }
        select $"smtpproxy{PathOf(result.Command)}: write which {argument.Name.ToUpperInvariant()}; {HelpFor(result.Command)} has examples";

    /// <summary>The parser's message; where an option has no value, what to write.</summary>
    private static string Message(ParseError error, Command command) => error.SymbolResult is OptionResult { Tokens.Count: 0 } option
        ? $"{option.Option.Name} needs a value; {HelpFor(command)} has examples"
        : error.Message;

    private static string? NearestCommand(string token, Command command) =>
        DidYouMean.Nearest(token, [.. command.Subcommands.Select(static c => c.Name)]);

    private static string PathOf(Command command) =>
        command is RootCommand ? "" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";

    private static bool IsName(string token) => token.StartsWith("--", StringComparison.Ordinal) || token.Length == 2;

    private static bool IsOption(string token) => token.StartsWith('-');

    private static string Unknown(string token, Command command)
    {
        // What follows '=' can be a secret in the wrong place.
        var name = token.Split('=', 2)[0];
        var commands = command.Subcommands.Select(static c => c.Name).ToArray();
        return name == "help" ? $"there is no command 'help'; write {HelpFor(command)}"
            : IsOption(name) && IsName(name)
            ? $"{name} is not a known option; " +
                $"{DidYouMean.Hint(name, [.. command.Options.Select(static o => o.Name), "--help", "--version"])}"
            : NearestCommand(name, command) is { } meant ? $"'{name}' is not a known command; did you mean {meant}?"
            : $"there is an argument that is no command and no option; it is not repeated, because it may be a secret. " +
                $"{(commands.Length > 0 ? $"Known here: {string.Join(", ", commands)}" : $"See {HelpFor(command)}")}";
    }
}
