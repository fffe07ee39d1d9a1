using System.CommandLine;
using SmtpProxy.Configuration;

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

    private static bool IsOption(string token) => token.StartsWith('-');

    private static string Unknown(string token, Command command)
    {
        // What follows '=' can be a secret in the wrong place.
        var name = token.Split('=', 2)[0];
        return IsOption(name)
            ? $"{name} is not a known option; {DidYouMean.Hint(name, [.. command.Options.Select(static o => o.Name), "--help", "--version"])}"
            : $"'{name}' is not a known command; {DidYouMean.Hint(name, [.. command.Subcommands.Select(static c => c.Name)])}";
    }
}
