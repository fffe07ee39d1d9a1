namespace SmtpProxy.Inspection.Card;

/// <summary>
/// CHUNKING: the octets of a chunk are none of the server's commands, even of one that it refuses. The chunk is said outside a transaction:
/// there is no sender and no recipient, so that it cannot become a message, and it is not the last one.
/// </summary>
internal static class ChunkingCheck
{
    public const string Name = "chunking", Source = "RFC 3030 2";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        if (examination.Offer("CHUNKING") is null)
        {
            return examination.Offer("BINARYMIME") is null
                ? [new CardEntry(Name, Mark.NotOffered, "", Source)]
                : [new CardEntry(Name, Mark.Wrong, "BINARYMIME is offered without CHUNKING, which it needs", "RFC 3030 3")];
        }

        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        await talk.SendAsync("BDAT 6\r\nNOOP\r\n"u8.ToArray(), cancel).ConfigureAwait(false);
        var first = await talk.HearAsync(cancel).ConfigureAwait(false);
        if (first.IsPositive)
        {
            // Whatever it thinks that it has: it is left alone with it.
            return [new CardEntry(Name, Mark.Wrong, $"a chunk without MAIL and RCPT is taken: {first.LastLine}", "RFC 3030 4.2")];
        }

        if (first.Code is 500 or 502)
        {
            return [new CardEntry(Name, Mark.Wrong, $"it is offered, and BDAT is not known: {first.LastLine}", Source)];
        }

        try
        {
            var next = await talk.AskAsync("RSET", cancel).ConfigureAwait(false);
            var after = await Examination.UntilQuitAsync(talk, cancel).ConfigureAwait(false);
            return
            [
                after.Count > 0
                    ? new CardEntry(Name, Mark.Wrong,
                        $"the octets of a chunk that is refused ({first.Code}) are taken for a command, and answered with {next.LastLine}",
                        Source)
                    : new CardEntry(Name, Mark.Good,
                        $"a chunk without a transaction is refused with {first.LastLine}, and its octets are skipped", Source),
            ];
        }
        catch (TalkBrokenException)
        {
            return [new CardEntry(Name, Mark.Look, $"a chunk without a transaction ends the session: {first.LastLine}", Source)];
        }
    }
}
