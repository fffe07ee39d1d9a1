namespace SmtpProxy.Inspection.Card;

/// <summary>A server that has enough says 421 before it closes.</summary>
internal static class MistakesCheck
{
    public const string Name = "limit of mistakes", Source = "RFC 5321 3.8";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        HeardReply? last = null;
        for (var n = 1; n <= examination.Mistakes; n++)
        {
            try
            {
                last = await talk.AskAsync("XSMTPPROXYPROBE", cancel).ConfigureAwait(false);
            }
            catch (TalkBrokenException e) when (e.How == TalkBreak.Closed)
            {
                return
                [
                    last is { Code: 421 } ? new CardEntry(Name, Mark.Good, $"after {n - 1} mistakes it says {last.LastLine} and closes",
                        Source)
                    : last is not null && IsFarewell(talk, last)
                    ? new CardEntry(Name, Mark.Look,
                        $"after {n - 1} mistakes it closes with {last.LastLine}; 421 would tell the client to come back", Source)
                    : new CardEntry(Name, Mark.Look,
                        $"after {n - 1} mistakes it closes without a word that a client can read; 421 would tell it to come back", Source),
                ];
            }

            if (last.Code == 421)
            {
                return await talk.ClosesAsync(examination.Silence, cancel).ConfigureAwait(false)
                    ? [new CardEntry(Name, Mark.Good, $"after {n} mistakes it says {last.LastLine} and closes", Source)]
                    : [new CardEntry(Name, Mark.Look, $"after {n} mistakes it says {last.LastLine} and does not close", Source)];
            }
        }

        await talk.PartAsync(cancel).ConfigureAwait(false);
        return [new CardEntry(Name, Mark.NotTried, $"{examination.Mistakes} mistakes in a row met no limit", Source)];
    }

    /// <summary>The last answer was another than those to the same mistake before it: it was meant as the last.</summary>
    private static bool IsFarewell(ServerTalk talk, HeardReply last) =>
        talk.Heard is [.., var before, _] && before.LastLine != last.LastLine;
}
