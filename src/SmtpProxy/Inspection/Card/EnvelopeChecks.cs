namespace SmtpProxy.Inspection.Card;

/// <summary>A sender and a recipient that every server must take.</summary>
internal static class EnvelopeChecks
{
    public const string Null = "null sender", NullSource = "RFC 5321 4.5.5";
    private const string Postmaster = "postmaster", PostmasterSource = "RFC 5321 4.5.1";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        var mail = await talk.AskAsync("MAIL FROM:<>", cancel).ConfigureAwait(false);
        var rcpt = mail.IsPositive ? await talk.AskAsync("RCPT TO:<Postmaster>", cancel).ConfigureAwait(false) : null;
        await talk.AskAsync("RSET", cancel).ConfigureAwait(false);
        if (examination.Plan.From.Length > 0)
        {
            examination.Mail = await talk.AskAsync($"MAIL FROM:<{examination.Plan.From}>", cancel).ConfigureAwait(false);
            await talk.AskAsync("RSET", cancel).ConfigureAwait(false);
        }
        else
        {
            examination.Mail = mail;
        }

        await talk.PartAsync(cancel).ConfigureAwait(false);
        return
        [
            mail switch
            {
                { IsPositive: true } => new CardEntry(Null, Mark.Good, "is taken: bounces come in", NullSource),
                _ when AsksFirst(mail) => new CardEntry(Null, Mark.NotTried, $"mail is not taken from strangers: {mail.LastLine}",
                    NullSource),
                { IsFinal: true } => new CardEntry(Null, Mark.Wrong, $"is refused, and with it every bounce: {mail.LastLine}", NullSource),
                _ => new CardEntry(Null, Mark.NotTried, $"is put off: {mail.LastLine}", NullSource),
            },
            rcpt switch
            {
                null => new CardEntry(Postmaster, Mark.NotTried, "MAIL was not taken", PostmasterSource),
                { IsPositive: true } => new CardEntry(Postmaster, Mark.Good, "<Postmaster> is taken", PostmasterSource),
                _ when AsksFirst(rcpt) => new CardEntry(Postmaster, Mark.NotTried, $"mail is not taken from strangers: {rcpt.LastLine}",
                    PostmasterSource),
                { IsFinal: true } => new CardEntry(Postmaster, Mark.Wrong, $"<Postmaster> is refused: {rcpt.LastLine}", PostmasterSource),
                _ => new CardEntry(Postmaster, Mark.Look, $"<Postmaster> is put off: {rcpt.LastLine}", PostmasterSource),
            },
        ];
    }

    /// <summary>It wants a log-in or TLS before anything else.</summary>
    private static bool AsksFirst(HeardReply reply) => reply.Code is 530 or 538 or 523;
}
