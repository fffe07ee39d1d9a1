using System.Security.Authentication;

namespace SmtpProxy.Inspection.Card;

/// <summary>What a server is like.</summary>
/// <param name="Walk">How it was reached.</param>
/// <param name="Entries">What was looked at; empty: it could not be reached, and the walk says why.</param>
internal sealed record ReportCard(WalkResult Walk, IReadOnlyList<CardEntry> Entries)
{
    /// <summary>Everything there is to look at, in the order of a dialogue.</summary>
    private static readonly (string Name, string Source, Func<Examination, CancellationToken, Task<IEnumerable<CardEntry>>> Look)[] Checks =
    [
        (GreetingCheck.Name, GreetingCheck.Source, GreetingCheck.LookAsync),
        (HelloCheck.Name, HelloCheck.Source, HelloCheck.LookAsync),
        (CommandChecks.Unknown, CommandChecks.UnknownSource, CommandChecks.LookAsync),
        (EnvelopeChecks.Null, EnvelopeChecks.NullSource, EnvelopeChecks.LookAsync),
        (PipeliningCheck.Name, PipeliningCheck.Source, PipeliningCheck.LookAsync),
        (SizeCheck.Name, SizeCheck.Source, SizeCheck.LookAsync),
        (ParameterChecks.EightBit, ParameterChecks.EightBitSource, ParameterChecks.EightBitAsync),
        (ParameterChecks.Utf8, ParameterChecks.Utf8Source, ParameterChecks.Utf8Async),
        (ParameterChecks.Dsn, ParameterChecks.DsnSource, ParameterChecks.DsnAsync),
        (ChunkingCheck.Name, ChunkingCheck.Source, ChunkingCheck.LookAsync),
        (StartTlsChecks.Name, StartTlsChecks.Source, StartTlsChecks.LookAsync),
        (StartTlsChecks.Injection, StartTlsChecks.InjectionSource, StartTlsChecks.InjectAsync),
        (LineChecks.BareLf, LineChecks.BareLfSource, LineChecks.BareLfAsync),
        (LineChecks.Length, LineChecks.LengthSource, LineChecks.LengthAsync),
        (LineChecks.TooLong, LineChecks.TooLongSource, LineChecks.TooLongAsync),
        (EndOfDataCheck.Name, EndOfDataCheck.Source, EndOfDataCheck.LookAsync),
        (QuitCheck.Name, QuitCheck.Source, QuitCheck.LookAsync),
        (MistakesCheck.Name, MistakesCheck.Source, MistakesCheck.LookAsync),
        // What all replies so far show.
        (ReplyChecks.Enhanced, ReplyChecks.EnhancedSource, ReplyChecks.EnhancedAsync),
        (ReplyChecks.Form, ReplyChecks.FormSource, ReplyChecks.FormAsync),
    ];

    /// <summary>Looks at a server. No message is sent, whatever it answers.</summary>
    /// <param name="walk">Goes there first.</param>
    /// <param name="begin">Makes the examination of a server that was reached.</param>
    /// <param name="plan">How to speak with it.</param>
    /// <param name="progress">Hears what is looked at next.</param>
    /// <param name="cancel">Nobody wants to know any more.</param>
    public static async Task<ReportCard> RunAsync(Walk walk, Func<WalkResult, Examination> begin, WalkPlan plan, Action<string> progress,
        CancellationToken cancel)
    {
        var way = await walk.RunAsync(plan with { StopsBeforeData = true }, cancel).ConfigureAwait(false);
        if (!way.Steps.Any(static s => s is { Name: "ehlo", Reply.IsPositive: true }))
        {
            return new ReportCard(way, []);
        }

        var examination = begin(way);
        var entries = new List<CardEntry>();
        foreach (var (name, source, look) in Checks)
        {
            progress(name);
            try
            {
                entries.AddRange(await look(examination, cancel).ConfigureAwait(false));
            }
            catch (Exception e) when (e is TalkBrokenException or AuthenticationException or System.Net.Sockets.SocketException)
            {
                entries.Add(new CardEntry(name, Mark.NotTried, $"the conversation broke off on the way there: {e.Message}", source));
            }
        }

        return new ReportCard(way, entries);
    }
}
