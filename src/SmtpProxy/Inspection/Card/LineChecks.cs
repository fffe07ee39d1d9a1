using System.Text;

namespace SmtpProxy.Inspection.Card;

/// <summary>Command lines: how they end, and how long they may be.</summary>
internal static class LineChecks
{
    public const string BareLf = "bare LF", BareLfSource = "RFC 5321 2.3.8";
    public const string Length = "line of 512", LengthSource = "RFC 5321 4.5.3.1.4";
    public const string TooLong = "line too long", TooLongSource = "RFC 5321 4.5.3.1.9";
    private const int Brief = 8, Longest = 512, FarTooLong = 4_000;

    /// <summary>A command that ends with LF alone is no command yet to who keeps to the standard: what comes then
    /// belongs to the same line.</summary>
    public static async Task<IEnumerable<CardEntry>> BareLfAsync(Examination examination, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        try
        {
            await talk.SendAsync("NOOP\n"u8.ToArray(), cancel).ConfigureAwait(false);
            var reply = await talk.HearAsync(examination.Silence, cancel).ConfigureAwait(false);
            await talk.PartAsync(cancel).ConfigureAwait(false);
            return
            [
                reply.IsPositive
                    ? new CardEntry(BareLf, Mark.Look,
                        "LF alone ends a command; a server that takes it in a message, too, can be made to see two messages where there " +
                            "is one", BareLfSource)
                    : new CardEntry(BareLf, Mark.Good, $"LF alone in a command is refused: {reply.LastLine}", BareLfSource),
            ];
        }
        catch (TalkBrokenException e)
        {
            return [new CardEntry(BareLf, Mark.Good, e.How == TalkBreak.Closed
                ? "LF alone in a command ends the session" : "LF alone does not end a command", BareLfSource)];
        }
    }

    /// <summary>As long as a line may be.</summary>
    public static async Task<IEnumerable<CardEntry>> LengthAsync(Examination examination, CancellationToken cancel)
    {
        var (brief, _) = await AnswersAsync(examination, Noop(Brief), cancel).ConfigureAwait(false);
        if (brief is not { IsPositive: true })
        {
            // So it would not be the length.
            return [new CardEntry(Length, Mark.NotTried, $"NOOP with a word is refused, however short: {brief?.LastLine}", LengthSource)];
        }

        var (first, others) = await AnswersAsync(examination, Noop(Longest), cancel).ConfigureAwait(false);
        return
        [
            first is null ? new CardEntry(Length, Mark.Wrong, "a command of 512 octets ends the session", LengthSource)
            : others.Count > 0 ? new CardEntry(Length, Mark.Wrong, "a command of 512 octets is taken for several", LengthSource)
            : first.IsPositive ? new CardEntry(Length, Mark.Good, "a command of 512 octets is taken", LengthSource)
            : new CardEntry(Length, Mark.Wrong, $"a command of 512 octets is too long for it: {Shortened(first.LastLine)}", LengthSource),
        ];
    }

    /// <summary>What is too long for a line may be refused, and must not become two.</summary>
    public static async Task<IEnumerable<CardEntry>> TooLongAsync(Examination examination, CancellationToken cancel)
    {
        var (first, others) = await AnswersAsync(examination, Noop(FarTooLong), cancel).ConfigureAwait(false);
        return
        [
            first is null ? new CardEntry(TooLong, Mark.Look, "a command of 4000 octets ends the session without a word", TooLongSource)
            : others.Count > 0 ? new CardEntry(TooLong, Mark.Wrong,
                $"a command of 4000 octets is taken for several: {first.Code}, {string.Join(", ", others.Select(static o => o.Code))}",
                TooLongSource)
            : new CardEntry(TooLong, Mark.Good, $"a command of 4000 octets is one line: {Shortened(first.LastLine)}", TooLongSource),
        ];
    }

    private static string Shortened(string text) => text.Length > 100 ? text[..100] + "…" : text;

    private static string Noop(int octets) => $"NOOP {new string('x', octets - 7)}\r\n";

    /// <summary>The first answer to something, null where it ended the session, and the others.</summary>
    private static async Task<(HeardReply? First, IReadOnlyList<HeardReply> Others)> AnswersAsync(Examination examination, string said,
        CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        HeardReply first;
        try
        {
            await talk.SendAsync(Encoding.ASCII.GetBytes(said), cancel).ConfigureAwait(false);
            first = await talk.HearAsync(cancel).ConfigureAwait(false);
        }
        catch (TalkBrokenException e) when (e.How == TalkBreak.Closed)
        {
            return (null, []);
        }

        return (first, await Examination.UntilQuitAsync(talk, cancel).ConfigureAwait(false));
    }
}
