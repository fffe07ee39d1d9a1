namespace SmtpProxy.Protocol.Commands;

/// <summary>The closed set of phases used in telemetry; every exchange belongs to exactly one.</summary>
public enum Operation : byte
{
    /// <summary>A command outside the other values.</summary>
    Other,

    /// <summary>Establishing the TCP connection to the relay.</summary>
    Connect,

    /// <summary>The relay's first reply (RFC 5321 4.3.1).</summary>
    Greeting,

    /// <summary>EHLO, HELO and LHLO.</summary>
    Ehlo,

    /// <summary>STARTTLS up to its reply (RFC 3207).</summary>
    StartTls,

    /// <summary>The TLS handshake itself.</summary>
    TlsHandshake,

    /// <summary>AUTH with all its challenges (RFC 4954).</summary>
    Auth,

    /// <summary>MAIL.</summary>
    Mail,

    /// <summary>RCPT.</summary>
    Rcpt,

    /// <summary>DATA up to 354.</summary>
    Data,

    /// <summary>Message data behind 354.</summary>
    Body,

    /// <summary>The final dot up to the final reply.</summary>
    EndOfData,

    /// <summary>One BDAT chunk (RFC 3030).</summary>
    Bdat,

    /// <summary>RSET.</summary>
    Rset,

    /// <summary>NOOP.</summary>
    Noop,

    /// <summary>VRFY and EXPN.</summary>
    Vrfy,

    /// <summary>QUIT.</summary>
    Quit,
}
