namespace SmtpProxy.Demo;

/// <summary>Mail as it should be.</summary>
internal static class GoodMail
{
    /// <summary>One message of some kilobytes.</summary>
    public static Task ShortAsync(Visit visit) => SendAsync(visit, prefersChunks: false, 200, 20_000);

    /// <summary>The same by BDAT (RFC 3030).</summary>
    public static Task ChunkedAsync(Visit visit) => SendAsync(visit, prefersChunks: true, 1_000, 100_000);

    /// <summary>A message with an attachment.</summary>
    public static async Task AttachmentAsync(Visit visit)
    {
        using var mailer = new Mailer();
        var message = Messages.WithAttachment(visit.Chance, visit.Chance.Magnitude(20_000, 400_000));
        await mailer.ConnectAsync(visit).ConfigureAwait(false);
        await mailer.SendAsync(visit, message).ConfigureAwait(false);
        await mailer.QuitAsync().ConfigureAwait(false);
    }

    /// <summary>A message of megabytes.</summary>
    public static Task LargeAsync(Visit visit) => SendAsync(visit, prefersChunks: false, 1_000_000, 4_000_000);

    /// <summary>Several messages, with a pause now and then.</summary>
    public static async Task SeveralAsync(Visit visit)
    {
        using var mailer = new Mailer();
        await mailer.ConnectAsync(visit).ConfigureAwait(false);
        for (var left = visit.Chance.Number(2, 7); left > 0; left--)
        {
            var message = Messages.OfText(visit.Chance, visit.Chance.Magnitude(500, 50_000));
            if (!await mailer.SendAsync(visit, message).ConfigureAwait(false))
            {
                break;
            }

            await visit.Pause(visit.Chance.Magnitude(5, 500)).ConfigureAwait(false);
        }

        await mailer.QuitAsync().ConfigureAwait(false);
    }

    /// <summary>A newsletter.</summary>
    public static async Task ManyRecipientsAsync(Visit visit)
    {
        using var mailer = new Mailer();
        var message = Messages.OfText(visit.Chance, visit.Chance.Magnitude(2_000, 60_000));
        var to = Enumerable.Range(0, visit.Chance.Magnitude(5, 100)).Select(_ => visit.Chance.Address()).Distinct().ToArray();
        await mailer.ConnectAsync(visit).ConfigureAwait(false);
        await mailer.SendAsync(visit, message, null, to).ConfigureAwait(false);
        await mailer.QuitAsync().ConfigureAwait(false);
    }

    private static async Task SendAsync(Visit visit, bool prefersChunks, int least, int most)
    {
        using var mailer = new Mailer(prefersChunks);
        var message = Messages.OfText(visit.Chance, visit.Chance.Magnitude(least, most));
        await mailer.ConnectAsync(visit).ConfigureAwait(false);
        await mailer.SendAsync(visit, message).ConfigureAwait(false);
        await mailer.QuitAsync().ConfigureAwait(false);
    }
}
