namespace SmtpProxy.Inspection.Card;

/// <summary>
/// The end of data: CR LF . CR LF and nothing else. Whether a server takes less can only be seen after 354, and there a server that does
/// has a message. So it is tried only where 354 comes although the server has refused the only recipient for good: then there is nobody
/// whom it could reach. What is sent there is line ends and a dot. Everywhere else it is not tried.
/// </summary>
internal static class EndOfDataCheck
{
    public const string Name = "end of data", Source = "RFC 5321 4.1.1.4, CVE-2023-51764";

    /// <summary>No domain of this name exists (RFC 6761 6.4).</summary>
    private const string Nobody = "smtpproxy-probe@nobody.invalid";

    private static readonly (string Octets, string Shown)[] Lax = [("\n.\n", "LF . LF"), ("\n.\r\n", "LF . CRLF"), ("\r\n.\n", "CRLF . LF"),
        ("\r.\r", "CR . CR")];

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        foreach (var (octets, shown) in Lax)
        {
            await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
            if (await RefusalAsync(examination, talk, cancel).ConfigureAwait(false) is { } why)
            {
                return [new CardEntry(Name, Mark.NotTried, why, Source)];
            }

            await talk.SendAsync(System.Text.Encoding.ASCII.GetBytes(octets), cancel).ConfigureAwait(false);
            try
            {
                var reply = await talk.HearAsync(examination.Silence, cancel).ConfigureAwait(false);
                return
                [
                    new CardEntry(Name, Mark.Wrong,
                        $"{shown} ends a message ({reply.LastLine}): whoever sends through a stricter server can smuggle a second " +
                            $"message into the first", Source),
                ];
            }
            catch (TalkBrokenException)
            {
                // Silence is right, and closing is safe. It is left without an end of data.
            }
        }

        return [new CardEntry(Name, Mark.Good, "only CRLF . CRLF ends a message; tried without a recipient", Source)];
    }

    /// <summary>Why it is not tried here; null: 354 came, and there is no recipient.</summary>
    private static async Task<string?> RefusalAsync(Examination examination, ServerTalk talk, CancellationToken cancel)
    {
        if (examination.Mail is not { IsPositive: true }
            || !(await talk.AskAsync($"MAIL FROM:<{examination.Plan.From}>", cancel).ConfigureAwait(false)).IsPositive)
        {
            return "MAIL was not taken";
        }

        var recipient = await talk.AskAsync($"RCPT TO:<{Nobody}>", cancel).ConfigureAwait(false);
        if (!recipient.IsFinal)
        {
            await talk.AskAsync("RSET", cancel).ConfigureAwait(false);
            await talk.PartAsync(cancel).ConfigureAwait(false);
            return recipient.IsPositive
                ? "a recipient that cannot exist is accepted, so that a message might be"
                : $"a recipient that cannot exist is not refused for good: {recipient.LastLine}";
        }

        var data = await talk.AskAsync("DATA", cancel).ConfigureAwait(false);
        if (data.Code / 100 == 3)
        {
            return null;
        }

        await talk.PartAsync(cancel).ConfigureAwait(false);
        return $"DATA without a recipient is refused ({data.Code}), as it should be, and with one a message might come of it; the " +
            $"proxy's anomaly nonstandard-eod shows it on real mail";
    }
}
