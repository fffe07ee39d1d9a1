using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol;

/// <summary>Where a dialogue stood when it ended (PROTOCOL 13); names for the outside in <see cref="WireNames"/>.</summary>
public enum FinalState : byte
{
    /// <summary>2yz to QUIT.</summary>
    Quit,

    /// <summary>421.</summary>
    Closing421,

    /// <summary>Greeting 4yz or 5yz.</summary>
    Rejected,

    /// <summary>Between or in commands.</summary>
    Command,

    /// <summary>In message data.</summary>
    Data,

    /// <summary>In a chunk.</summary>
    Bdat,

    /// <summary>In an AUTH exchange.</summary>
    Auth,

    /// <summary>Inside a reply.</summary>
    Reply,

    /// <summary>No greeting seen.</summary>
    Greeting,

    /// <summary>Encrypted.</summary>
    Tls,

    /// <summary>Not followed.</summary>
    Opaque,
}

/// <summary>What was seen of TLS.</summary>
public enum TlsState : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>STARTTLS was answered 220.</summary>
    StartTls,

    /// <summary>STARTTLS was answered otherwise (the last time).</summary>
    Refused,

    /// <summary>The client began with a TLS record (RFC 8314).</summary>
    Implicit,
}

/// <summary>Protocol of the dialogue.</summary>
public enum DialogueProtocol : byte
{
    /// <summary>Neither seen.</summary>
    Unknown,

    /// <summary>SMTP.</summary>
    Smtp,

    /// <summary>LHLO was seen (RFC 2033).</summary>
    Lmtp,
}

/// <summary>Why octets are no longer interpreted (PROTOCOL 11).</summary>
public enum OpaqueReason : byte
{
    /// <summary>They are interpreted.</summary>
    None,

    /// <summary>TLS after STARTTLS, or implicit.</summary>
    Tls,

    /// <summary>The relay does not speak SMTP.</summary>
    NotSmtp,

    /// <summary>A reply nobody asked for; the matching cannot be trusted.</summary>
    Desynchronised,

    /// <summary>TURN or ATRN was accepted.</summary>
    RoleReversal,

    /// <summary>An unknown verb was answered 3yz.</summary>
    UnknownFraming,

    /// <summary>A bound of the interpreter (held octets, queue length).</summary>
    Limit,

    /// <summary>The interpreter itself failed.</summary>
    InternalError,
}

/// <summary>What the client's octets are at this moment.</summary>
public enum ClientPhase : byte
{
    /// <summary>Command lines.</summary>
    Command,

    /// <summary>Held: their meaning depends on a reply that is outstanding (PROTOCOL 4.5).</summary>
    Held,

    /// <summary>Message data.</summary>
    Data,

    /// <summary>A BDAT chunk.</summary>
    Chunk,

    /// <summary>SASL responses.</summary>
    Auth,

    /// <summary>Not interpreted.</summary>
    Opaque,
}
