using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol;

/// <summary>The names under which values are known outside: journal, metrics, documentation. Allocation-free.</summary>
public static class WireNames
{
    private static readonly string[] Anomalies =
    [
        "early-talker", "pipelining-unadvertised", "pipelining-sync-violation", "command-after-quit", "http-request", "tls-on-plaintext",
        "not-smtp",
        "bare-lf-command", "bare-cr-command", "nul-command", "8bit-command", "command-line-too-long",
        "bare-lf-reply", "bare-cr-reply", "nul-reply", "reply-line-too-long", "malformed-reply", "mixed-reply-codes",
        "reply-code-out-of-range",
        "bare-lf-data", "bare-cr-data", "nul-data", "text-line-too-long", "nonstandard-eod",
        "unsolicited-reply", "unsolicited-421", "unexpected-334", "unexpected-354", "unexpected-3yz", "nonstandard-go-ahead",
        "unexpected-data-reply",
        "data-before-354", "auth-data-before-334", "reply-before-eod", "data-without-recipients", "bad-bdat",
        "starttls-injection-client", "starttls-injection-server", "tls-before-220", "non-tls-after-starttls", "role-reversal",
        "missing-greeting", "missing-reply", "truncated-reply", "truncated-data", "truncated-command",
        "left-tracking",
    ];

    private static readonly string[] States =
        ["quit", "closing-421", "rejected", "command", "data", "bdat", "auth", "reply", "greeting", "tls", "opaque"];

    private static readonly string[] Operations =
    [
        "other", "connect", "greeting", "ehlo", "starttls", "tls_handshake", "auth", "mail", "rcpt", "data", "body", "end_of_data", "bdat",
        "rset", "noop", "vrfy", "quit",
    ];

    private static readonly string?[] Verbs =
    [
        null, "?", "", null, ".", "HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "BURL", "RSET", "NOOP", "QUIT", "VRFY", "EXPN",
        "HELP",
        "ETRN", "ATRN", "TURN", "STARTTLS", "AUTH", "XCLIENT", "XFORWARD", "X-ANONYMOUSTLS",
    ];

    private static readonly string[] TlsStates = ["none", "starttls", "refused", "implicit"];

    private static readonly string[] OpaqueReasons =
        ["none", "tls", "not_smtp", "desynchronised", "role_reversal", "unknown_framing", "limit", "internal_error"];

    /// <summary>Why octets are not interpreted (PROTOCOL 11.3), for example <c>desynchronised</c>.</summary>
    public static string Of(OpaqueReason reason) => OpaqueReasons[(int)reason];

    /// <summary>PROTOCOL 12, for example <c>bare-lf-data</c>.</summary>
    public static string Of(Anomaly anomaly) => Anomalies[(int)anomaly];

    /// <summary>PROTOCOL 13, for example <c>closing-421</c>.</summary>
    public static string Of(FinalState state) => States[(int)state];

    /// <summary>The closed set of operations, for example <c>end_of_data</c>.</summary>
    public static string Of(Operation operation) => Operations[(int)operation];

    /// <summary>The journal's verb: upper case; <c>.</c> for end of data, the empty string for an empty line, <c>?</c> where the
    /// first token is no verb, null for <see cref="Verb.Unknown"/> and the greeting (take the octets as sent).</summary>
    public static string? Of(Verb verb) => Verbs[(int)verb];

    /// <summary><c>none</c>, <c>starttls</c>, <c>refused</c>, <c>implicit</c>.</summary>
    public static string Of(TlsState state) => TlsStates[(int)state];
}
