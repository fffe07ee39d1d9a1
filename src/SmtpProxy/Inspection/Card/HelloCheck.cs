using System.Text.RegularExpressions;

namespace SmtpProxy.Inspection.Card;

/// <summary>EHLO: what it lists are keywords, and it may be said again.</summary>
internal static partial class HelloCheck
{
    public const string Name = "ehlo", Source = "RFC 5321 4.1.1.1";
    private const string Again = "ehlo again", AgainSource = "RFC 5321 4.1.4";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        List<CardEntry> entries = [Offers(examination)];
        var again = await talk.AskAsync($"{examination.Plan.Hello} {examination.Plan.Name ?? Walk.LocalName(talk.Local)}", cancel)
            .ConfigureAwait(false);
        entries.Add(again.IsPositive
            ? new CardEntry(Again, Mark.Good, "it may be said again, and begins anew", AgainSource)
            : new CardEntry(Again, Mark.Look, $"it is taken once only, and then refused: {again.LastLine}", AgainSource));
        await talk.PartAsync(cancel).ConfigureAwait(false);
        return entries;
    }

    private static CardEntry Offers(Examination examination)
    {
        var strange = examination.Offers.FirstOrDefault(static o => !Keyword().IsMatch(o));
        var twice = examination.Offers.GroupBy(Walk.Keyword).FirstOrDefault(static g => g.Count() > 1)?.Key;
        var words = string.Join(", ", examination.Offers.DefaultIfEmpty("nothing"));
        return strange is not null ? new CardEntry(Name, Mark.Look,
            $"\"{strange}\" is no keyword"
                + (strange.StartsWith("AUTH=", StringComparison.OrdinalIgnoreCase) ? "; it is there for clients of the last century" : ""),
            Source)
            : twice is not null ? new CardEntry(Name, Mark.Look, $"{twice} is offered twice", Source)
            : new CardEntry(Name, Mark.Good, $"offers {words}", Source);
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9-]*( |\z)", RegexOptions.ExplicitCapture)]
    private static partial Regex Keyword();
}
