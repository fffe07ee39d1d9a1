namespace SmtpProxy.Demo;

/// <summary>Mail that a relay does not take, or not at once. The addresses ask the sink for it (docs/sink.md).</summary>
internal static class RefusedMail
{
    /// <summary>A new correspondent: turned away at first, welcome later.</summary>
    public static async Task GreylistedAsync(Visit visit)
    {
        var (from, to) = ($"new.{visit.Number}@example.org", visit.Chance.Address());
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var mailer = new Mailer();
            var message = Messages.OfText(visit.Chance, 2_000);
            await mailer.ConnectAsync(visit).ConfigureAwait(false);
            await mailer.SendAsync(visit, message, from, to).ConfigureAwait(false);
            await mailer.QuitAsync().ConfigureAwait(false);
            await visit.Pause((int)Site.Greylist.TotalMilliseconds * (1 - attempt) * 5 / 4).ConfigureAwait(false);
        }
    }

    /// <summary>SIZE says that it is too much (RFC 1870 6.1).</summary>
    public static async Task TooLargeAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("EHLO", visit.Name).ConfigureAwait(false);
        visit.Sightings.Answered(await client.SayAsync(
            $"MAIL FROM:<{visit.Chance.Address()}> SIZE={visit.Chance.Magnitude(2_000_000, 90_000_000)}").ConfigureAwait(false));
        await client.SayAsync("QUIT").ConfigureAwait(false);
    }

    /// <summary>Nobody of that name.</summary>
    public static Task UnknownRecipientAsync(Visit visit) =>
        SendAsync(visit, visit.Chance.Of("550", "550-5.1.1", "550-5.2.1", "553-5.1.3"));

    /// <summary>The message goes to the others.</summary>
    public static async Task OneOfSeveralAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("EHLO", visit.Name).ConfigureAwait(false);
        await client.SendAsync(
            $"MAIL FROM:<{visit.Chance.Address()}>\r\nRCPT TO:<{visit.Chance.Address()}>\r\nRCPT " +
                $"TO:<{visit.Chance.Asking("550-5.1.1")}>\r\nRCPT TO:<{visit.Chance.Address()}>\r\nDATA\r\n")
            .ConfigureAwait(false);
        await client.RepliesAsync(5).ConfigureAwait(false);
        await client.SendAsync($"{Messages.Raw(visit.Chance, 1_500)}.\r\n").ConfigureAwait(false);
        visit.Sightings.Answered(await client.ReplyAsync().ConfigureAwait(false));
        await client.SayAsync("QUIT").ConfigureAwait(false);
    }

    /// <summary>Looks at the message for a while, and refuses it.</summary>
    public static Task FilteredAsync(Visit visit) => SendAsync(visit, $"delay-{visit.Chance.Magnitude(50, 900)}ms-dot+554-5.7.1-dot");

    /// <summary>A full disk, a full mailbox, a database that is away; too many at once.</summary>
    public static Task DeferredAsync(Visit visit) =>
        SendAsync(visit, visit.Chance.Of("452-4.3.1-data", "451-4.3.0-dot", "450-4.2.1", "452-4.2.2", "451-4.7.1"));

    private static async Task SendAsync(Visit visit, string answer)
    {
        using var mailer = new Mailer();
        var message = Messages.OfText(visit.Chance, visit.Chance.Magnitude(500, 10_000));
        await mailer.ConnectAsync(visit).ConfigureAwait(false);
        await mailer.SendAsync(visit, message, null, visit.Chance.Asking(answer)).ConfigureAwait(false);
        await mailer.QuitAsync().ConfigureAwait(false);
    }
}
