namespace SmtpProxy.Inspection.Card;

/// <summary>STARTTLS: that it works, that it is over then, and that nothing said in the clear is obeyed inside TLS.</summary>
internal static class StartTlsChecks
{
    public const string Name = "starttls", Source = "RFC 3207 4.2";
    public const string Injection = "starttls injection", InjectionSource = "RFC 3207 4.2, CVE-2011-0411";
    private const string Certificate = "certificate", CertificateSource = "RFC 3207 4.1";

    public static async Task<IEnumerable<CardEntry>> LookAsync(Examination examination, CancellationToken cancel)
    {
        var entries = new List<CardEntry>();
        if (!examination.Plan.Address.IsImplicitTls)
        {
            if (!IsOffered(examination))
            {
                return [new CardEntry(Name, Mark.NotOffered, "everything is said in the clear", Source)];
            }

            await using var talk = await examination.BeginAsync(cancel).ConfigureAwait(false);
            await talk.PartAsync(cancel).ConfigureAwait(false);
            entries.Add(
                examination.Plan.StartTls == TlsWish.Never ? new CardEntry(Name, Mark.NotTried, "--no-starttls", Source)
                : examination.Tls is not { } tls ? new CardEntry(Name, Mark.Wrong, "it is offered, and refused", Source)
                : examination.Offer("STARTTLS") is not null ? new CardEntry(Name, Mark.Wrong, "it is offered again inside TLS", Source)
                : new CardEntry(Name, Mark.Good, $"{tls.Version} {tls.Cipher}", Source));
        }

        if (examination.Tls is { } facts)
        {
            entries.Add(facts.Problem is { } problem
                ? new CardEntry(Certificate, Mark.Look, $"is not believed: {problem.Words}", CertificateSource)
                : new CardEntry(Certificate, Mark.Good,
                    $"for {string.Join(", ", facts.Names)}, {facts.DaysLeft(DateTimeOffset.UtcNow)} days left", CertificateSource));
        }

        return entries;
    }

    /// <summary>A command right after STARTTLS, in the same packet: a server that keeps it obeys, inside TLS, what
    /// somebody on the way put in.</summary>
    public static async Task<IEnumerable<CardEntry>> InjectAsync(Examination examination, CancellationToken cancel)
    {
        if (examination.Plan.Address.IsImplicitTls || !IsOffered(examination))
        {
            return [new CardEntry(Injection, Mark.NotOffered, "", InjectionSource)];
        }

        if (examination.Plan.StartTls == TlsWish.Never)
        {
            return [new CardEntry(Injection, Mark.NotTried, "--no-starttls", InjectionSource)];
        }

        var (talk, _) = await examination.GreetAsync(cancel).ConfigureAwait(false);
        await using (talk.ConfigureAwait(false))
        {
            await examination.HelloAsync(talk, cancel).ConfigureAwait(false);
            await talk.SendAsync("STARTTLS\r\nNOOP\r\n"u8.ToArray(), cancel).ConfigureAwait(false);
            try
            {
                var reply = await talk.HearAsync(cancel).ConfigureAwait(false);
                if (!reply.IsPositive)
                {
                    return [new CardEntry(Injection, Mark.Good, $"a command that comes with STARTTLS is refused: {reply.LastLine}",
                        InjectionSource)];
                }

                if (talk.HasMore)
                {
                    return [new CardEntry(Injection, Mark.Wrong, "a command that comes with STARTTLS is answered in the clear after 220",
                        InjectionSource)];
                }

                await talk.SecureAsync(examination.Plan.Tls, cancel).ConfigureAwait(false);
                var first = await talk.AskAsync($"{examination.Plan.Hello} {examination.Plan.Name ?? Walk.LocalName(talk.Local)}", cancel)
                    .ConfigureAwait(false);
                var others = await Examination.UntilQuitAsync(talk, cancel).ConfigureAwait(false);
                return
                [
                    others.Count > 0
                        ? new CardEntry(Injection, Mark.Wrong,
                            $"a command that came in the clear with STARTTLS is obeyed inside TLS ({first.LastLine}): whoever is on the " +
                                $"way can put commands into the session", InjectionSource)
                        : new CardEntry(Injection, Mark.Good, "a command that comes with STARTTLS is thrown away", InjectionSource),
                ];
            }
            catch (Exception e) when (e is SecurityFailedException or TalkBrokenException { How: TalkBreak.Closed })
            {
                return [new CardEntry(Injection, Mark.Good, $"a command that comes with STARTTLS ends the session: {e.Message}",
                    InjectionSource)];
            }
        }
    }

    private static bool IsOffered(Examination examination) => examination.OffersInClear.Any(static o => Walk.Keyword(o) == "STARTTLS");
}
