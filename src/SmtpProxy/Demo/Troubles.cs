namespace SmtpProxy.Demo;

/// <summary>What should not happen, and does.</summary>
internal static class Troubles
{
    /// <summary>A relay that thinks: about a command, or about the message.</summary>
    public static Task SlowRelayAsync(Visit visit) => TransactAsync(visit,
        $"delay-{visit.Chance.Magnitude(300, 4_000)}ms-{visit.Chance.Of("mail", "rcpt", "data", "dot", "dot", "dot")}");

    /// <summary>No reply to the end of data: the proxy's limit ends the session, and nobody knows whether the message was taken.</summary>
    public static Task SilentRelayAsync(Visit visit) => TransactAsync(visit, "delay-5m-dot");

    /// <summary>The connection is lost, at the worst moment or before.</summary>
    public static Task DyingRelayAsync(Visit visit) =>
        TransactAsync(visit, visit.Chance.Of("drop-dot", "reset-dot", "drop-data", "reset-rcpt"));

    /// <summary>421: the relay is about to restart, or has enough.</summary>
    public static Task ClosingRelayAsync(Visit visit) =>
        TransactAsync(visit, visit.Chance.Of("421", "421-data", "421-dot", "421-4.7.0-rcpt"));

    /// <summary>RST, in the middle of the message or between commands.</summary>
    public static async Task AbortAsync(Visit visit)
    {
        using var client = await BeginAsync(visit, visit.Chance.Address()).ConfigureAwait(false);
        if (visit.Chance.Share() < 0.7)
        {
            await client.SayAsync("DATA").ConfigureAwait(false);
            await client.SendAsync(Messages.Raw(visit.Chance, 3_000)).ConfigureAwait(false);
        }

        client.Abort();
        visit.Sightings.Cut();
    }

    /// <summary>FIN without QUIT: behind a message, or inside one.</summary>
    public static async Task LeaveAsync(Visit visit)
    {
        using var client = await BeginAsync(visit, visit.Chance.Address()).ConfigureAwait(false);
        await client.SayAsync("DATA").ConfigureAwait(false);
        await client.SendAsync(Messages.Raw(visit.Chance, 3_000)).ConfigureAwait(false);
        if (visit.Chance.Share() < 0.5)
        {
            visit.Sightings.Answered(await client.SayAsync(".").ConfigureAwait(false));
        }
        else
        {
            visit.Sightings.Cut();
        }
    }

    /// <summary>Lines that end in LF alone, in a command and in a message (RFC 5321 2.3.8): reported, never repaired.</summary>
    public static async Task BareLineFeedsAsync(Visit visit)
    {
        using var client = await BeginAsync(visit, visit.Chance.Address()).ConfigureAwait(false);
        await client.SendAsync("NOOP\n").ConfigureAwait(false);
        await client.ReplyAsync().ConfigureAwait(false);
        await client.SayAsync("DATA").ConfigureAwait(false);
        visit.Sightings.Answered(await client.SayAsync("Subject: from a script\n\none line\nand another\r\n.").ConfigureAwait(false));
        await client.SayAsync("QUIT").ConfigureAwait(false);
    }

    private static async Task<RawClient> BeginAsync(Visit visit, string from)
    {
        var client = await visit.ConnectAsync().ConfigureAwait(false);
        try
        {
            await client.HelloAsync("EHLO", visit.Name).ConfigureAwait(false);
            await client.SayAsync($"MAIL FROM:<{from}>").ConfigureAwait(false);
            await client.SayAsync($"RCPT TO:<{visit.Chance.Address()}>").ConfigureAwait(false);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static async Task TransactAsync(Visit visit, string answer)
    {
        using var client = await BeginAsync(visit, visit.Chance.Asking(answer)).ConfigureAwait(false);
        var code = await client.SayAsync("DATA").ConfigureAwait(false);
        if (code == 354)
        {
            await client.SendAsync($"{Messages.Raw(visit.Chance, visit.Chance.Magnitude(500, 20_000))}.\r\n").ConfigureAwait(false);
            code = await client.ReplyAsync().ConfigureAwait(false);
        }

        visit.Sightings.Answered(code);
        await client.SayAsync("QUIT").ConfigureAwait(false);
    }
}
