using System.Text;

namespace SmtpProxy.Inspection.Card;

/// <summary>PIPELINING: what is asked at once is answered as what is asked one after another, in the same order.</summary>
internal static class PipeliningCheck
{
    public const string Name = "pipelining", Source = "RFC 2920 3.2";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        string[] group =
        [
            $"MAIL FROM:<{examination.Plan.From}>", "RCPT TO:<@>", "RSET", $"RCPT TO:<{examination.Plan.To}>", "QUIT",
        ];
        for (var tries = 2; ; tries--)
        {
            var alone = await OneByOneAsync(examination, group, cancel).ConfigureAwait(false);
            if (examination.Offer("PIPELINING") is null)
            {
                return [new CardEntry(Name, Mark.NotOffered, "", Source)];
            }

            if (alone.Count != group.Length)
            {
                return [new CardEntry(Name, Mark.NotTried,
                    $"it ends the session even where each command waits for its answer: {string.Join(", ", alone)}", Source)];
            }

            var together = await TogetherAsync(examination, group, cancel).ConfigureAwait(false);
            if (alone.SequenceEqual(together))
            {
                return [new CardEntry(Name, Mark.Good, $"five commands at once are answered in order: {string.Join(", ", together)}",
                    Source)];
            }

            // A server that has changed its mind meanwhile (a rate, a list) does so once.
            if (tries == 1)
            {
                return [new CardEntry(Name, Mark.Wrong,
                    $"it is offered, and five commands at once are answered {Codes(together)}; one after another, {Codes(alone)}", Source)];
            }
        }
    }

    private static string Codes(List<int> codes) => codes.Count == 0 ? "not at all" : string.Join(", ", codes);

    private static async Task<List<int>> OneByOneAsync(Examination examination, string[] group, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        List<int> codes = [];
        try
        {
            foreach (var line in group)
            {
                codes.Add((await talk.AskAsync(line, cancel).ConfigureAwait(false)).Code);
            }
        }
        catch (TalkBrokenException)
        {
            // The number of replies tells it.
        }

        return codes;
    }

    private static async Task<List<int>> TogetherAsync(Examination examination, string[] group, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        List<int> codes = [];
        try
        {
            await talk.SendAsync(Encoding.ASCII.GetBytes(string.Concat(group.Select(static line => line + "\r\n"))), cancel)
                .ConfigureAwait(false);
            // After the last it closes; a server that has lost some of them stays silent, and one that says twice as much is wrong enough.
            while (codes.Count < 2 * group.Length)
            {
                codes.Add((await talk.HearAsync(codes.Count == 0 ? examination.Plan.Patience : examination.Silence, cancel)
                    .ConfigureAwait(false)).Code);
            }
        }
        catch (TalkBrokenException)
        {
            // What came is all.
        }

        return codes;
    }
}
