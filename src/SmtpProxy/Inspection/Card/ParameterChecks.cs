namespace SmtpProxy.Inspection.Card;

/// <summary>Extensions whose parameters MAIL must take where they are offered.</summary>
internal static class ParameterChecks
{
    public const string EightBit = "8bitmime", EightBitSource = "RFC 6152 2";
    public const string Utf8 = "smtputf8", Utf8Source = "RFC 6531 3.1";
    public const string Dsn = "dsn", DsnSource = "RFC 3461 4";

    public static Task<IEnumerable<CardEntry>> EightBitAsync(Examination examination, CancellationToken cancel) =>
        TakesAsync(examination, "8BITMIME", "BODY=8BITMIME", EightBit, EightBitSource, cancel);

    public static async Task<IEnumerable<CardEntry>> Utf8Async(Examination examination, CancellationToken cancel)
    {
        var entries = await TakesAsync(examination, "SMTPUTF8", "SMTPUTF8", Utf8, Utf8Source, cancel).ConfigureAwait(false);
        return examination.Offer("SMTPUTF8") is not null && examination.Offer("8BITMIME") is null
            ? [new CardEntry(Utf8, Mark.Wrong, "it is offered without 8BITMIME, which it needs", Utf8Source)]
            : entries;
    }

    public static Task<IEnumerable<CardEntry>> DsnAsync(Examination examination, CancellationToken cancel) =>
        TakesAsync(examination, "DSN", "RET=HDRS", Dsn, DsnSource, cancel);

    /// <summary>MAIL with a parameter, in a conversation of its own.</summary>
    public static async Task<HeardReply> SayAsync(Examination examination, string parameter, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        var reply = await talk.AskAsync($"MAIL FROM:<{examination.Plan.From}> {parameter}", cancel).ConfigureAwait(false);
        await talk.PartAsync(cancel).ConfigureAwait(false);
        return reply;
    }

    private static async Task<IEnumerable<CardEntry>> TakesAsync(Examination examination, string keyword, string parameter, string name,
        string source, CancellationToken cancel)
    {
        if (examination.Offer(keyword) is null)
        {
            return [new CardEntry(name, Mark.NotOffered, "", source)];
        }

        if (examination.Mail is not { IsPositive: true })
        {
            return [new CardEntry(name, Mark.NotTried, "MAIL was not taken", source)];
        }

        var reply = await SayAsync(examination, parameter, cancel).ConfigureAwait(false);
        return
        [
            reply.IsPositive ? new CardEntry(name, Mark.Good, $"{parameter} is taken", source)
            : reply.IsFinal ? new CardEntry(name, Mark.Wrong, $"it is offered, and {parameter} is refused: {reply.LastLine}", source)
            : new CardEntry(name, Mark.NotTried, $"MAIL was put off: {reply.LastLine}", source),
        ];
    }
}
