using System.CommandLine;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Cli;

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
            .. parsed.Errors.Select(static e => e.Message).Where(message => !unknown.Any(u => message.Contains($"'{u}'", StringComparison.Ordinal))),
        ];
    }

    private static bool IsName(string token) => token.StartsWith("--", StringComparison.Ordinal) || token.Length == 2;

    private static bool IsOption(string token) => token.StartsWith('-');

    private static string Unknown(string token, Command command)
    {
        // What follows '=' can be a secret in the wrong place.
        var name = token.Split('=', 2)[0];
        var commands = command.Subcommands.Select(static c => c.Name).ToArray();
        return IsOption(name) && IsName(name) ? $"{name} is not a known option; {DidYouMean.Hint(name, [.. command.Options.Select(static o => o.Name), "--help", "--version"])}"
            : DidYouMean.Nearest(name, commands) is { } meant ? $"'{name}' is not a known command; did you mean {meant}?"
            : $"there is an argument that is no command and no option; it is not repeated, because it may be a secret. Known here: {string.Join(", ", commands)}";
    }
}
