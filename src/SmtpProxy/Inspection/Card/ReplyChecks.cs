namespace SmtpProxy.Inspection.Card;

/// <summary>What all replies of an examination show.</summary>
internal static class ReplyChecks
{
    public const string Enhanced = "enhanced codes", EnhancedSource = "RFC 2034 4";
    public const string Form = "form of replies", FormSource = "RFC 5321 4.2";

    public static Task<IEnumerable<CardEntry>> EnhancedAsync(Examination examination, CancellationToken cancel)
    {
        var due = examination.Heard.Where(static r => !r.IsExempt && r.Code / 100 is 2 or 4 or 5).ToArray();
        var without = due.FirstOrDefault(static r => !r.HasEnhancedCodes);
        return Task.FromResult<IEnumerable<CardEntry>>(
        [
            examination.Offer("ENHANCEDSTATUSCODES") is null ? new CardEntry(Enhanced, Mark.NotOffered, "", EnhancedSource)
            : without is null ? new CardEntry(Enhanced, Mark.Good,
                $"all {due.Length} replies that must have one have one, of the right class", EnhancedSource)
            : new CardEntry(Enhanced, Mark.Wrong,
                $"they are offered, and {due.Count(static r => !r.HasEnhancedCodes)} of {due.Length} replies have none, or one of " +
                    $"another class: {without.LastLine}", EnhancedSource),
        ]);
    }

    public static Task<IEnumerable<CardEntry>> FormAsync(Examination examination, CancellationToken cancel)
    {
        var all = examination.Heard.ToArray();
        var flaws = all.SelectMany(static r => r.Flaws()).Distinct().ToArray();
        return Task.FromResult<IEnumerable<CardEntry>>(
        [
            flaws.Length == 0 ? new CardEntry(Form, Mark.Good, $"all {all.Length} replies are well-formed", FormSource)
                : new CardEntry(Form, Mark.Wrong, string.Join("; ", flaws.Take(3)), FormSource),
        ]);
    }
}
