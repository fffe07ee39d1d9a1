namespace SmtpProxy.FunctionalTests.Diagnosis;

/// <summary>Dialogues that fail, each with its diagnosis, and some that go well.</summary>
public static class Scenes
{
    private const string ClientHello = "C! 16 03 01 00 05 01 00 00 01 00";
    private const string ServerHello = "S! 16 03 03 00 05 02 00 00 01 00";

    /// <summary>Sessions that fail, and why.</summary>
    public static readonly (string Diagnosis, string[] Lines)[] Failures =
    [
        ("greeting_refused", ["S: 554 mx.example.net no SMTP service here", .. Script.Quit]),
        ("too_many_connections", ["S: 421 4.7.0 mx.example.net Error: too many connections from 192.0.2.7", "S close"]),
        ("pipelining_refused", ["C: EHLO client.example.org", "S: 554 SMTP synchronization error", "S close"]),
        ("pipelining_refused", [.. Script.Greeted, "C- MAIL FROM:<a@example.org>\r\n",
            "S: 503 5.5.0 Improper use of SMTP command pipelining", "S close"]),
        ("relay_hung_up", ["S close"]),
        ("http_on_smtp_port", ["S: 220 mx.example.net ESMTP", "C: GET / HTTP/1.1", "S: 500 5.5.2 what", "C close"]),
        ("tls_on_plaintext_port", ["S: 220 mx.example.net ESMTP", ClientHello, "S: 500 5.5.2 what", "S close"]),
        ("plaintext_on_tls_port", ["C: EHLO client.example.org", "S! 15 03 01 00 02 02 46", "S close"]),
        ("relay_not_smtp", ["S: HTTP/1.1 400 Bad Request", "S close"]),
        ("relay_not_smtp", ["S: SSH-2.0-OpenSSH_9.6", "S close"]),
        ("command_refused", ["S: 220 mx.example.net ESMTP", "C: EHLO client.example.org", "S: 502 5.5.1 Unrecognized command",
            .. Script.Quit]),
        ("tls_required", [.. Script.Greeted, "C: MAIL FROM:<a@example.org>", "S: 530 5.7.0 Must issue a STARTTLS command first",
            .. Script.Quit]),
        ("tls_refused", [.. Script.Greeted, "C: STARTTLS", "S: 454 4.7.0 TLS not available due to local problem", .. Script.Quit]),
        ("tls_handshake_failed", [.. Script.Greeted, "C: STARTTLS", "S: 220 2.0.0 Ready", ClientHello, "S! 15 03 03 00 02 02 28",
            "S close"]),
        ("tls_handshake_failed", [.. Script.Greeted, "C: STARTTLS", "S: 220 2.0.0 Ready", "S close"]),
        ("tls_handshake_failed", [.. Script.Greeted, "C: STARTTLS", "S: 220 2.0.0 Ready", "C close"]),
        ("tls_handshake_failed", [.. Script.Greeted, "C: STARTTLS", "S: 220 2.0.0 Ready", ClientHello, "S close"]),
        ("tls_handshake_failed", [.. Script.Greeted, "C: STARTTLS", "S: 220 2.0.0 Ready", ClientHello, ServerHello, "C reset"]),
        ("proxy_header_missing", ["S: 421 4.3.0 mx.example.net Server local error", "S close"]),
        ("proxy_header_missing", [ClientHello, "S: 421 4.3.2 No system resources", "S close"]),
        ("auth_required", [.. Script.Greeted, "C: MAIL FROM:<a@example.org>", "S: 530 5.7.0 Authentication required", .. Script.Quit]),
        ("auth_refused", [.. Script.Greeted, "C: AUTH PLAIN AGEAYg==", "S: 535 5.7.8 Error: authentication failed", .. Script.Quit]),
        ("auth_refused", [.. Script.Greeted, "C: AUTH PLAIN AGEAYg==", "S: 535 5.7.8 no", "C close"]),
        ("sender_refused", [.. Script.Greeted, "C: MAIL FROM:<a@example.org>", "S: 550 5.1.8 Sender address rejected: Domain not found",
            .. Script.Quit]),
        ("too_large", [.. Script.Greeted, "C: MAIL FROM:<a@example.org> SIZE=99999999", "S: 552 5.3.4 Message size exceeds fixed limit",
            .. Script.Quit]),
        ("storage_full", [.. Script.Greeted, "C: MAIL FROM:<a@example.org>", "S: 452 4.3.1 Insufficient system storage", .. Script.Quit]),
        ("greylisted", Refused("450 4.2.0 <b@example.net>: Recipient address rejected: Greylisted, see http://postgrey.example/help")),
        ("rate_limited", Refused("450 4.7.1 Error: too much mail from 192.0.2.7")),
        ("blocklisted", Refused("554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org")),
        ("recipient_unknown", Refused("550 5.1.1 <b@example.net>: Recipient address rejected: User unknown in local recipient table")),
        ("recipient_deferred", Refused("450 4.2.0 mailbox unavailable")),
        ("mailbox_full", Refused("452 4.2.2 The email account that you tried to reach is over quota.")),
        ("relay_denied", Refused("554 5.7.1 <b@example.net>: Relay access denied")),
        ("unclear", Refused("550 5.7.0 no")),
        ("relay_closing", Refused("421 4.3.2 mx.example.net is shutting down")),
        ("data_refused", [.. Script.Envelope, "C: DATA", "S: 554 5.0.0 not today", .. Script.Quit]),
        ("data_refused", [.. Script.Envelope, "C: DATA", "S: 250 ok", "C- hello there\r\n.\r\n", "S: 500 5.5.2 what", "S: 500 5.5.2 what",
            .. Script.Quit]),
        ("relay_internal_error", [.. Script.Envelope, "C: DATA", "S: 451 4.3.0 Error: queue file write error", .. Script.Quit]),
        ("no_354", [.. Script.Envelope, "C: DATA", "C close"]),
        ("domain_authentication_failed",
            Answered("550-5.7.26 Unauthenticated email from example.org is not accepted due to domain's\r\nS: 550 5.7.26 DMARC policy.")),
        ("spam_refused", Answered("554 5.7.1 Spam message rejected")),
        ("virus_refused", Answered("550 This message contains a virus (Eicar-Test-Signature).")),
        ("policy_refused", Answered("550 5.7.1 This message violates example.com email policy.")),
        ("unescaped_dot", [.. Script.Body, "C- Subject: x\r\n\r\none\r\n.\r\ntwo is more\r\nthree\r\n.\r\n", "S: 250 2.0.0 Ok",
            "S: 500 5.5.2 Error: bad syntax", "S: 500 5.5.2 Error: bad syntax", "S: 500 5.5.2 Error: bad syntax", .. Script.Quit]),
        ("nonstandard_end_of_data", [.. Script.Body, "C- Subject: x\n\nhello\n.\n", "C close"]),
        ("end_of_data_missing", [.. Script.Body, "C- Subject: x\r\n\r\nhel", "C close"]),
        ("final_reply_missing", [.. Script.Body, "C- Subject: x\r\n\r\nhello\r\n.\r\n", "S close"]),
        ("final_reply_missing", [.. Script.Body, "C- Subject: x\r\n\r\nhello\r\n.\r\n", "C reset"]),
        ("final_reply_surplus", [.. Script.Body, "C: .", "S: 250 2.0.0 Ok", "S: 550 5.7.1 no", "C close"]),
        ("client_hung_up", [.. Script.Envelope, "C close"]),
        ("client_said_nothing", ["S: 220 mx.example.net ESMTP", "C close"]),
        ("relay_hung_up", [.. Script.Sender, "C: RCPT TO:<b@example.net>", "S close"]),
    ];

    /// <summary>Sessions that go well, though not always smoothly.</summary>
    public static readonly string[][] Successes =
    [
        [.. Script.Body, "C: .", "S: 250 2.0.0 Ok: queued as 4F1X", .. Script.Quit],
        [.. Script.Body, "C: .", "S: 250 2.0.0 Ok: queued as 4F1X", "C close"],
        [.. Script.Body, "C: .", "S: 250 2.0.0 Ok: queued as 4F1X", "S: 421 4.4.2 mx.example.net Error: timeout exceeded", "S close"],
        [.. Script.Greeted, .. Script.Quit],
        [.. Script.Greeted, "C: STARTTLS", "S: 220 2.0.0 Ready", ClientHello, ServerHello, "C! 17 03 03 00 01 00", "S! 17 03 03 00 01 00",
            "C close"],
        ["S: 220 mx", "C: EHLO x", "S: 502 what", "C: HELO x", "S: 250 mx", .. Script.Quit],
        [.. Script.Greeted, "C: AUTH PLAIN AGEAYg==", "S: 535 5.7.8 no", "C: AUTH PLAIN AGEAYw==", "S: 235 2.7.0 yes", .. Script.Quit],
        [.. Script.Greeted, "C: MAIL FROM:<a@example.org> SIZE=9", "S: 555 5.5.4 no SIZE here", .. Script.Body[4..], "C: .", "S: 250 Ok",
            .. Script.Quit],
        [.. Script.Envelope, "C: RCPT TO:<c@example.net>", "S: 550 5.1.1 unknown", "C: DATA", "S: 354 go", "C: .", "S: 250 2.0.0 Ok",
            .. Script.Quit],
        [.. Script.Envelope, "C: RSET", "S: 250 Ok", .. Script.Quit],
        [.. Script.Greeted, "C: VRFY postmaster", "S: 502 5.5.1 VRFY command is disabled", .. Script.Quit],
    ];

    /// <summary>The failing ones, for a theory.</summary>
    public static TheoryData<string, int> Failing
    {
        get
        {
            var data = new TheoryData<string, int>();
            for (var at = 0; at < Failures.Length; at++)
            {
                data.Add(Failures[at].Diagnosis, at);
            }

            return data;
        }
    }

    /// <summary>The others.</summary>
    public static TheoryData<int> Succeeding => new(Enumerable.Range(0, Successes.Length));

    private static string[] Refused(string reply) => [.. Script.Sender, "C: RCPT TO:<b@example.net>", $"S: {reply}", .. Script.Quit];

    private static string[] Answered(string reply) =>
        [.. Script.Body, "C- Subject: x\r\n\r\nhello\r\n.\r\n", .. $"S: {reply}".Split("\r\n"), .. Script.Quit];
}
