using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Protocol.Tests;

/// <summary>Journals, metrics and alerts of others are built upon these names: not one of them may change unnoticed.</summary>
public sealed class WireNamesTests
{
    [Fact]
    public void Anomalies_ByName_AreThese() => Same<Anomaly>(WireNames.Of,
        "early-talker pipelining-unadvertised pipelining-sync-violation command-after-quit http-request tls-on-plaintext not-smtp "
            + "bare-lf-command bare-cr-command nul-command 8bit-command command-line-too-long bare-lf-reply bare-cr-reply nul-reply "
            + "reply-line-too-long malformed-reply mixed-reply-codes reply-code-out-of-range bare-lf-data bare-cr-data nul-data "
            + "text-line-too-long nonstandard-eod unsolicited-reply unsolicited-421 unexpected-334 unexpected-354 unexpected-3yz "
            + "nonstandard-go-ahead unexpected-data-reply data-before-354 auth-data-before-334 reply-before-eod data-without-recipients "
            + "bad-bdat starttls-injection-client starttls-injection-server tls-before-220 non-tls-after-starttls role-reversal "
            + "missing-greeting missing-reply truncated-reply truncated-data truncated-command left-tracking");

    [Fact]
    public void States_ByName_AreThese() =>
        Same<FinalState>(WireNames.Of, "quit closing-421 rejected command data bdat auth reply greeting tls opaque");

    [Fact]
    public void Operations_ByName_AreThese() => Same<Operation>(WireNames.Of,
        "other connect greeting ehlo starttls tls_handshake auth mail rcpt data body end_of_data bdat rset noop vrfy quit");

    [Fact]
    public void Verbs_ByName_AreThese() =>
        Same<Verb>(static verb => WireNames.Of(verb) switch { null => "-", "" => "empty", var name => name },
        "- ? empty - . HELO EHLO LHLO MAIL RCPT DATA BDAT BURL RSET NOOP QUIT VRFY EXPN HELP ETRN ATRN TURN STARTTLS AUTH XCLIENT "
            + "XFORWARD X-ANONYMOUSTLS");

    [Fact]
    public void TlsStates_ByName_AreThese() => Same<TlsState>(WireNames.Of, "none starttls refused implicit");

    [Fact]
    public void OpaqueReasons_ByName_AreThese() =>
        Same<OpaqueReason>(WireNames.Of, "none tls not_smtp desynchronised role_reversal unknown_framing limit internal_error");

    private static void Same<T>(Func<T, string?> name, string names)
        where T : struct, Enum => Assert.Equal(names, string.Join(' ', Enum.GetValues<T>().Select(name)));
}
