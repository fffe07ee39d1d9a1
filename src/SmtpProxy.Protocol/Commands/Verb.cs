
namespace SmtpProxy.Protocol.Commands;

/// <summary>What a line of the client is, as far as tracking distinguishes it.</summary>
public enum Verb : byte
{
    /// <summary>A token that could be a verb, but none of those below.</summary>
    Unknown,

    /// <summary>The first token is no verb (not letters, digits and hyphens).</summary>
    NotAVerb,

    /// <summary>An empty line; it is answered like a command.</summary>
    Empty,

    /// <summary>Pseudo-exchange: the relay's greeting.</summary>
    Greeting,

    /// <summary>Pseudo-exchange: the reply to the end of message data.</summary>
    EndOfData,

    /// <summary>RFC 5321.</summary>
    Helo,

    /// <summary>RFC 5321.</summary>
    Ehlo,

    /// <summary>RFC 2033.</summary>
    Lhlo,

    /// <summary>RFC 5321.</summary>
    Mail,

    /// <summary>RFC 5321.</summary>
    Rcpt,

    /// <summary>RFC 5321.</summary>
    Data,

    /// <summary>RFC 3030.</summary>
    Bdat,

    /// <summary>RFC 4468.</summary>
    Burl,

    /// <summary>RFC 5321.</summary>
    Rset,

    /// <summary>RFC 5321.</summary>
    Noop,

    /// <summary>RFC 5321.</summary>
    Quit,

    /// <summary>RFC 5321.</summary>
    Vrfy,

    /// <summary>RFC 5321.</summary>
    Expn,

    /// <summary>RFC 5321.</summary>
    Help,

    /// <summary>RFC 1985.</summary>
    Etrn,

    /// <summary>RFC 2645.</summary>
    Atrn,

    /// <summary>RFC 821.</summary>
    Turn,

    /// <summary>RFC 3207.</summary>
    StartTls,

    /// <summary>RFC 4954.</summary>
    Auth,

    /// <summary>Postfix XCLIENT.</summary>
    XClient,

    /// <summary>Postfix XFORWARD.</summary>
    XForward,

    /// <summary>STARTTLS as Exchange servers say it among themselves.</summary>
    XAnonymousTls,
}
