namespace SmtpProxy.Demo;

/// <summary>Mail of those who say who they are, or speak in private.</summary>
internal static class SecuredMail
{
    /// <summary>A user of the submission service, by one of the mechanisms there are.</summary>
    public static Task AuthenticatedAsync(Visit visit) => SubmitAsync(visit, Site.Password);

    /// <summary>Somebody who guesses, or has not heard of the new password.</summary>
    public static Task WrongPasswordAsync(Visit visit) => SubmitAsync(visit, "Summer2025");

    /// <summary>A session that the proxy cannot follow behind STARTTLS, and counts as unseen.</summary>
    public static async Task StartTlsAsync(Visit visit)
    {
        using var mailer = new Mailer();
        var message = Messages.OfText(visit.Chance, visit.Chance.Magnitude(500, 20_000));
        await mailer.ConnectAsync(visit, startTls: true).ConfigureAwait(false);
        await mailer.SendAsync(visit, message).ConfigureAwait(false);
        await mailer.QuitAsync().ConfigureAwait(false);
    }

    /// <summary>Asks for TLS and goes on in the clear, as a program with a mistake does.</summary>
    public static async Task NonsenseAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("EHLO", visit.Name).ConfigureAwait(false);
        await client.SayAsync("STARTTLS").ConfigureAwait(false);
        await client.SayAsync("EHLO again").ConfigureAwait(false);
    }

    private static async Task SubmitAsync(Visit visit, string password)
    {
        using var mailer = new Mailer();
        // Inside TLS that ends at the proxy: it is followed like any other session.
        await mailer.ConnectAsync(visit, startTls: true).ConfigureAwait(false);
        var user = visit.Chance.Address();
        await mailer.AuthenticateAsync(plain: visit.Chance.Share() < 0.5, user, password).ConfigureAwait(false);
        var message = Messages.OfText(visit.Chance, visit.Chance.Magnitude(500, 30_000));
        await mailer.SendAsync(visit, message).ConfigureAwait(false);
        await mailer.QuitAsync().ConfigureAwait(false);
    }
}
