namespace SmtpProxy.FunctionalTests.Faults.Coherence;

/// <summary>Pieces that dialogues are made of.</summary>
internal static class Parts
{
    public const string Hello = """
        S: {greeting}
        C: EHLO c.example
        S: {ehlo}
        """;

    public const string Envelope = """
        C: MAIL FROM:<me@test.example>
        S: 250 2.1.0 Ok
        C: RCPT TO:<a@test.example>
        S: 250 2.1.5 Ok
        """;

    public const string Data = """
        C: DATA
        S: 354 End data with <CR><LF>.<CR><LF>
        """;

    /// <summary>15 octets of header with the empty line, and seven of body.</summary>
    public const string Text = """
        C: Subject: row
        C:
        C: hello
        """;

    public const string Dot = "C: .";

    public const string Queued = "S: 250 2.0.0 Ok: queued as QUEUED";

    public const string Mail = $"{Envelope}\n{Data}\n{Text}\n{Dot}\n{Queued}";

    public const string Quit = """
        C: QUIT
        S: 221 2.0.0 Bye
        END fin
        """;

    /// <summary>The relay is gone, and the client takes its time to go.</summary>
    public const string Tail = """
        C: RSET
        S: 250 2.0.0 Ok
        C: NOOP
        S: 250 2.0.0 Ok
        C: QUIT
        S: 221 2.0.0 Bye
        END fin
        """;

    /// <summary>The relay is gone, and the client wants more of it.</summary>
    public const string TailOfMore = """
        C: MAIL FROM:<me@test.example>
        S: 421 4.3.2 Service not available, closing transmission channel
        END fin
        """;
}
