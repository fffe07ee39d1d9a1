namespace SmtpProxy.Faults;

/// <summary>Where in a dialogue a fault can strike. Rules, API and metrics use these names in camelCase.</summary>
public enum FaultPoint : byte
{
    /// <summary>A client was accepted.</summary>
    Connect,

    /// <summary>Before or while the relay is dialled.</summary>
    Dial,

    /// <summary>The greeting.</summary>
    Greeting,

    /// <summary>EHLO, and LHLO.</summary>
    Ehlo,

    /// <summary>HELO.</summary>
    Helo,

    /// <summary>STARTTLS.</summary>
    StartTls,

    /// <summary>The handshake; only where the proxy terminates TLS.</summary>
    TlsHandshake,

    /// <summary>AUTH.</summary>
    Auth,

    /// <summary>A SASL response of the client.</summary>
    AuthStep,

    /// <summary>MAIL.</summary>
    Mail,

    /// <summary>RCPT.</summary>
    Rcpt,

    /// <summary>DATA, the command.</summary>
    Data,

    /// <summary>Message data after 354, at a number of octets.</summary>
    DataBody,

    /// <summary>The final dot, or the last chunk of BDAT.</summary>
    EndOfData,

    /// <summary>BDAT with its chunk, except the last.</summary>
    Bdat,

    /// <summary>RSET.</summary>
    Rset,

    /// <summary>NOOP.</summary>
    Noop,

    /// <summary>VRFY and EXPN.</summary>
    Vrfy,

    /// <summary>QUIT.</summary>
    Quit,

    /// <summary>Any command line.</summary>
    AnyCommand,

    /// <summary>The client has said nothing for a time.</summary>
    Idle,

    /// <summary>The session has reached an age.</summary>
    Elapsed,
}
