namespace SmtpProxy.Demo;

/// <summary>Good mail of clients that speak more of the protocol, or less hastily, than a well-behaved one.</summary>
internal static class RawMail
{
    /// <summary>MAIL, RCPTs and DATA in one piece (RFC 2920).</summary>
    public static async Task PipelinedAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("EHLO", visit.Name).ConfigureAwait(false);
        var to = Enumerable.Range(0, visit.Chance.Number(1, 6)).Select(_ => $"RCPT TO:<{visit.Chance.Address()}>\r\n").ToArray();
        await client.SendAsync($"MAIL FROM:<{visit.Chance.Address()}>\r\n{string.Concat(to)}DATA\r\n").ConfigureAwait(false);
        if ((await client.RepliesAsync(to.Length + 2).ConfigureAwait(false))[^1] == 354)
        {
            // The end and QUIT go together too.
            await client.SendAsync($"{Messages.Raw(visit.Chance, visit.Chance.Magnitude(200, 30_000))}.\r\nQUIT\r\n").ConfigureAwait(false);
            visit.Sightings.Answered(await client.ReplyAsync().ConfigureAwait(false));
            await client.ReplyAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A whole transaction, chunks and all, in one piece (RFC 3030 4.2).</summary>
    public static async Task ChunksAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("EHLO", visit.Name).ConfigureAwait(false);
        var chunks = Enumerable.Range(0, visit.Chance.Number(2, 6))
            .Select(_ => Messages.Raw(visit.Chance, visit.Chance.Magnitude(100, 20_000))).ToArray();
        var all = string.Concat(chunks.Select((chunk, n) => $"BDAT {chunk.Length}{(n == chunks.Length - 1 ? " LAST" : "")}\r\n{chunk}"));
        await client.SendAsync($"MAIL FROM:<{visit.Chance.Address()}> BODY=8BITMIME\r\nRCPT TO:<{visit.Chance.Address()}>\r\n{all}")
            .ConfigureAwait(false);
        visit.Sightings.Answered((await client.RepliesAsync(chunks.Length + 2).ConfigureAwait(false))[^1]);
        await client.SayAsync("QUIT").ConfigureAwait(false);
    }

    /// <summary>Delivery to a mail store (RFC 2033): one reply for each recipient, some of whom are over quota.</summary>
    public static async Task LmtpAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("LHLO", visit.Name).ConfigureAwait(false);
        await client.SayAsync($"MAIL FROM:<{visit.Chance.Address()}>").ConfigureAwait(false);
        var recipients = visit.Chance.Number(1, 5);
        for (var n = 0; n < recipients; n++)
        {
            var to = visit.Chance.Share() < 0.15 ? visit.Chance.Asking("452-4.2.2-dot") : visit.Chance.Address();
            await client.SayAsync($"RCPT TO:<{to}>").ConfigureAwait(false);
        }

        await client.SayAsync("DATA").ConfigureAwait(false);
        await client.SendAsync($"{Messages.Raw(visit.Chance, visit.Chance.Magnitude(200, 30_000))}.\r\n").ConfigureAwait(false);
        foreach (var code in await client.RepliesAsync(recipients).ConfigureAwait(false))
        {
            visit.Sightings.Answered(code);
        }

        await client.SayAsync("QUIT").ConfigureAwait(false);
    }

    /// <summary>A client that takes its time between commands, and inside the message: none of it may be
    /// counted against the relay.</summary>
    public static async Task SlowlyAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("EHLO", visit.Name).ConfigureAwait(false);
        foreach (var command in new[] { $"MAIL FROM:<{visit.Chance.Address()}>", $"RCPT TO:<{visit.Chance.Address()}>", "DATA" })
        {
            await visit.Pause(visit.Chance.Magnitude(50, 800)).ConfigureAwait(false);
            await client.SayAsync(command).ConfigureAwait(false);
        }

        for (var left = visit.Chance.Number(3, 8); left > 0; left--)
        {
            await client.SendAsync(Messages.Raw(visit.Chance, 400)).ConfigureAwait(false);
            await visit.Pause(visit.Chance.Magnitude(50, 400)).ConfigureAwait(false);
        }

        visit.Sightings.Answered(await client.SayAsync(".").ConfigureAwait(false));
        await client.SayAsync("QUIT").ConfigureAwait(false);
    }

    /// <summary>Commands that are no mail, one that nobody knows, and a transaction that is taken back.</summary>
    public static async Task CuriousAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.HelloAsync("HELO", visit.Name).ConfigureAwait(false);
        foreach (var command in new[]
            { "NOOP", "HELP", "VRFY postmaster", "EXPN staff", "XYZZY", $"MAIL FROM:<{visit.Chance.Address()}>",
                $"RCPT TO:<{visit.Chance.Address()}>", "RSET", "QUIT" })
        {
            await client.SayAsync(command).ConfigureAwait(false);
        }
    }

    /// <summary>A monitor that looks whether somebody is there.</summary>
    public static async Task LookAsync(Visit visit)
    {
        using var client = await visit.ConnectAsync().ConfigureAwait(false);
        await client.ReplyAsync().ConfigureAwait(false);
        await client.SayAsync("QUIT").ConfigureAwait(false);
    }
}
