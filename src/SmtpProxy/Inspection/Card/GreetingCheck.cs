using System.Text.RegularExpressions;

namespace SmtpProxy.Inspection.Card;

/// <summary>The greeting: 220, and the server's name first.</summary>
internal static partial class GreetingCheck
{
    public const string Name = "greeting", Source = "RFC 5321 4.2";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        var (talk, greeting) = await examination.GreetAsync(cancel).ConfigureAwait(false);
        await using (talk.ConfigureAwait(false))
        {
            await talk.PartAsync(cancel).ConfigureAwait(false);
            return
            [
                greeting.Code != 220 ? new CardEntry(Name, Mark.Wrong, $"it greets with {greeting.LastLine}", Source)
                : !BeginsWithName(greeting.Lines[0])
                ? new CardEntry(Name, Mark.Look, $"its name does not come first: \"{greeting.Lines[0]}\"", Source)
                : new CardEntry(Name, Mark.Good, greeting.LastLine, Source),
            ];
        }
    }

    /// <summary>Whether a text begins with a domain or an address literal (RFC 5321 4.1.2, 4.1.3).</summary>
    public static bool BeginsWithName(string text) => HostName().IsMatch(text);

    [GeneratedRegex(@"\A([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f.:IPv]+\])(\s|\z)", RegexOptions.ExplicitCapture)]
    private static partial Regex HostName();
}
