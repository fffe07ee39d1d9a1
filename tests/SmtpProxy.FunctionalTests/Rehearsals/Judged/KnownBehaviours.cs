using SmtpProxy.FunctionalTests.Faults.Clients;

namespace SmtpProxy.FunctionalTests.Rehearsals.Judged;

/// <summary>Ten that are known to be right, and ten that are known to be wrong: from manuals, from sources, from RFCs.</summary>
internal static class KnownBehaviours
{
    public static IReadOnlyList<KnownBehaviour> All { get; } =
    [
        new("Postfix", "greylist", true, "keeps it, tries again after `minimal_backoff_time`: postconf(5), RFC 6647 2"),
        new("Postfix", "dns-dead", true, "a relay that cannot be reached is temporary: defers, tries again (RFC 5321 4.5.4.1)"),
        new("Postfix", "reset-mid-data", true, "defers, sends it again from the beginning (RFC 5321 4.1.1.10)") { Octets = 20_000 },
        new("Exim", "greylist", true, "keeps it, tries again by its retry rules: spec 32"),
        new("Exim", "storm-421", true, "421 ends the connection, not the message; its retry rules set the pace: spec 32"),
        new("smtplib", "starttls-stripped", true, "`starttls()` raises SMTPNotSupportedError: smtplib's manual")
            { As = "`starttls()` called", Tls = TlsWish.Required },
        new("MailKit", "starttls-stripped", true, "throws NotSupportedException: `SecureSocketOptions.StartTls`'s manual")
            { As = "`StartTls`", Tls = TlsWish.Required },
        new("swaks", "starttls-stripped", true, "`--tls` requires it: swaks(1)") { As = "`--tls`", Tls = TlsWish.Required },
        new("nodemailer", "banner-drip", true, "30 seconds for the whole greeting: `greetingTimeout`"),
        new("System.Net.Mail", "banner-drip", true, "100 seconds for the whole `Send`: `SmtpClient.Timeout`"),

        new("smtplib", "greylist", false, "has no queue: the message is the caller's again") { As = "sent once" },
        new("smtplib", "banner-drip", false, "no timeout unless given one, and then of each read: smtplib's manual"),
        new("MailKit", "banner-drip", false, "`Timeout` is of each read or write"),
        new("MailKit", "starttls-stripped", false, "sends in the clear and says nothing: `StartTlsWhenAvailable`'s manual")
            { As = "`StartTlsWhenAvailable`", Tls = TlsWish.Offered },
        new("nodemailer", "starttls-stripped", false, "`requireTLS` is false unless set: sends in the clear") { Tls = TlsWish.Offered },
        new("nodemailer", "rolling-restart", false, "421 on a pooled connection fails the message, not the connection")
            { As = "pooled", Keeps = true, Messages = 2, Thinks = TimeSpan.FromSeconds(2) },
        new("swaks", "starttls-stripped", false, "`--tls-optional` goes on without: swaks(1)")
            { As = "`--tls-optional`", Tls = TlsWish.Offered },
        new("System.Net.Mail", "partial-recipients", false, "delivers to the others *and* throws: sent again, they have it twice")
            { As = "sent again after an exception", SendsAgain = true, Recipients = 2 },
        new("Postfix", "tls-unavailable", false, "`smtp_tls_security_level = may` goes on in the clear after 454: postconf(5)")
            { As = "`may`" },
        new("Exim", "tls-unavailable", false, "`tls_tempfail_tryclear` is true unless set: in the clear after 4yz: spec 30"),
    ];
}
