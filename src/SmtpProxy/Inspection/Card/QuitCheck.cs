namespace SmtpProxy.Inspection.Card;

/// <summary>QUIT: 221, and then the server closes.</summary>
internal static class QuitCheck
{
    public const string Name = "quit", Source = "RFC 5321 4.1.1.10";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
        var quit = await talk.AskAsync("QUIT", cancel).ConfigureAwait(false);
        return
        [
            quit.Code != 221 ? new CardEntry(Name, Mark.Wrong, $"is answered with {quit.LastLine}", Source)
            : await talk.ClosesAsync(examination.Silence, cancel).ConfigureAwait(false)
            ? new CardEntry(Name, Mark.Good, "221, and the connection is closed", Source)
            : new CardEntry(Name, Mark.Look, "221, and the connection stays open", Source),
        ];
    }
}
