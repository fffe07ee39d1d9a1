namespace SmtpProxy.Protocol.Exchanges;

/// <summary>How a message was transferred.</summary>
public enum Via : byte
{
    /// <summary>Nothing was transferred.</summary>
    None,

    /// <summary>DATA (RFC 5321 4.1.1.4).</summary>
    Data,

    /// <summary>BDAT (RFC 3030).</summary>
    Bdat,

    /// <summary>BURL (RFC 4468).</summary>
    Burl,
}

/// <summary>How a transaction ended, as PROTOCOL 5 and 9 define it.</summary>
public enum TransactionOutcome : byte
{
    /// <summary>The final reply was 2yz.</summary>
    Delivered,

    /// <summary>The final reply was 4yz or 5yz.</summary>
    Failed,

    /// <summary>Replies per recipient differ (LMTP, PRDR).</summary>
    Partial,

    /// <summary>RSET, a new EHLO/HELO/MAIL, QUIT or the end of the connection before a final reply.</summary>
    Aborted,

    /// <summary>What happened to the message cannot be known (out of sync, no final reply seen).</summary>
    Unknown,
}

/// <summary>What made a transaction end.</summary>
public enum TransactionEnd : byte
{
    /// <summary>The final reply to its data.</summary>
    FinalReply,

    /// <summary>RSET, or EHLO/HELO/LHLO/XCLIENT, or another MAIL that was accepted.</summary>
    Reset,

    /// <summary>QUIT was accepted.</summary>
    Quit,

    /// <summary>The connection ended.</summary>
    ConnectionEnded,

    /// <summary>Tracking ended (opaque from here).</summary>
    Opaque,
}

/// <summary>A mail transaction: opened by a 2yz to MAIL (RFC 5321 3.3). Counts change while it is open.</summary>
public struct Transaction
{
    /// <summary><see cref="Exchange.Index"/> of its MAIL.</summary>
    public int MailIndex;

    /// <summary>RCPTs answered 2yz.</summary>
    public int Accepted;

    /// <summary>RCPTs answered otherwise.</summary>
    public int Rejected;

    /// <summary>How data was transferred, once it was.</summary>
    public Via Via;

    /// <summary>Octets behind the go-ahead up to the final dot line, or the accepted chunks; -1 = not
    /// known (no end of data seen).</summary>
    public long WireOctets;

    /// <summary>The same after removing transparency dots (RFC 5321 4.5.2); -1 = not known.</summary>
    public long MessageOctets;

    /// <summary>Code of the (last) final reply, 0 = none.</summary>
    public ushort FinalCode;

    /// <summary>Code of the refusal that says why: the first 4yz or 5yz to a chunk or to the message; 0 = none. What refused
    /// recipients, or DATA, is not in it.</summary>
    public ushort RefusalCode;

    /// <summary>The relay has the whole message, and has not said what it makes of it.</summary>
    public bool IsOwed;

    /// <summary>Set when it has ended.</summary>
    public TransactionOutcome Outcome;

    /// <summary>Set when it has ended.</summary>
    public TransactionEnd End;
}
