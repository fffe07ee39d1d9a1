namespace SmtpProxy.Testing;

/// <summary>Where in a session a fault strikes. At a command, what is struck is its reply.</summary>
public enum SmtpPoint
{
    /// <summary>The client has connected.</summary>
    Connect,

    /// <summary>Before the relay is dialled.</summary>
    Dial,

    /// <summary>The greeting.</summary>
    Greeting,

    /// <summary>EHLO.</summary>
    Ehlo,

    /// <summary>HELO.</summary>
    Helo,

    /// <summary>STARTTLS.</summary>
    StartTls,

    /// <summary>The TLS handshake.</summary>
    TlsHandshake,

    /// <summary>AUTH.</summary>
    Auth,

    /// <summary>A step of AUTH.</summary>
    AuthStep,

    /// <summary>MAIL.</summary>
    Mail,

    /// <summary>RCPT.</summary>
    Rcpt,

    /// <summary>The command DATA.</summary>
    Data,

    /// <summary>The text of a message.</summary>
    DataBody,

    /// <summary>The end of a message: the dot, or the last BDAT.</summary>
    EndOfData,

    /// <summary>BDAT.</summary>
    Bdat,

    /// <summary>RSET.</summary>
    Rset,

    /// <summary>NOOP.</summary>
    Noop,

    /// <summary>VRFY.</summary>
    Vrfy,

    /// <summary>QUIT.</summary>
    Quit,

    /// <summary>Any command.</summary>
    AnyCommand,
}

/// <summary>How a connection ends.</summary>
public enum SmtpEnd
{
    /// <summary>In order (FIN).</summary>
    Fin,

    /// <summary>At once (RST).</summary>
    Reset,
}

/// <summary>What occasions of a fault are counted by.</summary>
public enum SmtpScope
{
    /// <summary>All together.</summary>
    Rule,

    /// <summary>Each connection apart.</summary>
    Connection,

    /// <summary>Each address of a client apart.</summary>
    Client,

    /// <summary>Each pair of sender and recipient apart.</summary>
    Envelope,
}

/// <summary>What is wrong with the syntax of a reply.</summary>
public enum SmtpDamage
{
    /// <summary>A line before it that is none of a reply.</summary>
    GarbagePrefixLine,

    /// <summary>Its lines end with LF alone.</summary>
    BareLf,

    /// <summary>Nothing stands between code and text.</summary>
    NoSeparator,

    /// <summary>Its code is no number.</summary>
    NonNumericCode,

    /// <summary>A line of more than 2,000 octets.</summary>
    OverlongLine,

    /// <summary>The code changes from line to line.</summary>
    WrongContinuationCode,
}

/// <summary>What is wrong with TLS after STARTTLS was answered 220.</summary>
public enum SmtpTlsFlaw
{
    /// <summary>The connection ends in order.</summary>
    Fin,

    /// <summary>The connection ends at once.</summary>
    Reset,

    /// <summary>Text comes that is no TLS.</summary>
    Garbage,

    /// <summary>Nothing comes.</summary>
    Stall,

    /// <summary>The certificate has expired.</summary>
    ExpiredCert,

    /// <summary>The certificate is for another host.</summary>
    WrongHost,

    /// <summary>Nobody trusted has signed the certificate.</summary>
    Untrusted,
}

/// <summary>How a relay cannot be reached.</summary>
public enum SmtpDialFailure
{
    /// <summary>Nothing listens.</summary>
    Refused,

    /// <summary>Nothing answers.</summary>
    Timeout,

    /// <summary>The connection is reset.</summary>
    Reset,
}
