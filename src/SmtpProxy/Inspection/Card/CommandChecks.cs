namespace SmtpProxy.Inspection.Card;

/// <summary>Commands that change nothing, are not known, or come too early.</summary>
internal static class CommandChecks
{
    public const string Unknown = "unknown command", UnknownSource = "RFC 5321 4.2.4";
    private const string Noop = "noop, rset", NoopSource = "RFC 5321 4.1.1.5, 4.1.1.9";
    private const string Order = "order", OrderSource = "RFC 5321 4.1.4";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        var noop = await talk.AskAsync("NOOP", cancel).ConfigureAwait(false);
        var rset = await talk.AskAsync("RSET", cancel).ConfigureAwait(false);
        var unknown = await talk.AskAsync("XSMTPPROXYPROBE", cancel).ConfigureAwait(false);
        var early = await talk.AskAsync($"RCPT TO:<{examination.Plan.To}>", cancel).ConfigureAwait(false);
        await talk.PartAsync(cancel).ConfigureAwait(false);
        return
        [
            noop.Code == 250 && rset.Code == 250
                ? new CardEntry(Noop, Mark.Good, "both are answered with 250", NoopSource)
                : new CardEntry(Noop, Mark.Wrong, $"NOOP is answered with {noop.LastLine}, RSET with {rset.LastLine}", NoopSource),
            unknown.Code switch
            {
                500 or 502 => new CardEntry(Unknown, Mark.Good, $"is answered with {unknown.LastLine}", UnknownSource),
                >= 500 => new CardEntry(Unknown, Mark.Look, $"is answered with {unknown.LastLine}; 500 or 502 would be right",
                    UnknownSource),
                _ => new CardEntry(Unknown, Mark.Wrong, $"is answered with {unknown.LastLine}", UnknownSource),
            },
            early.Code switch
            {
                503 => new CardEntry(Order, Mark.Good, "RCPT without MAIL is refused with 503", OrderSource),
                >= 400 => new CardEntry(Order, Mark.Look, $"RCPT without MAIL is answered with {early.LastLine}; 503 would be right",
                    OrderSource),
                _ => new CardEntry(Order, Mark.Wrong, $"RCPT is taken without MAIL: {early.LastLine}", OrderSource),
            },
        ];
    }
}
