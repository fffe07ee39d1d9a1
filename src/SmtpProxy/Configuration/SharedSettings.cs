using System.Text.RegularExpressions;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Configuration;

/// <summary>What of a configuration the proxies of a fleet should have in common: all but names, addresses and files that are each one's
/// own.</summary>
internal static partial class SharedSettings
{
    /// <summary>It as one text; secrets are in it.</summary>
    public static string Of(ValidatedConfiguration configuration) => string.Join('\n', configuration.Values
        .Where(static v => v.Value is not null && !IsOwn().IsMatch(v.Key))
        .OrderBy(static v => v.Key, StringComparer.OrdinalIgnoreCase)
        .Select(static v => $"{v.Key.ToUpperInvariant()}={v.Value}"));

    [GeneratedRegex($"""
        ^({Settings.Section}:(Fleet:(Node|AdminUrl|AdminCa|\w*File)|Listeners:[^:]+:Address|Sink:(Lmtp)?Address|Journal:Path|Faults:HaltFile)
        |Kestrel:.*:(Url|Path|KeyPath))$
        """, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
            | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex IsOwn();
}
