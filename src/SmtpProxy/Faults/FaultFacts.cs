using System.Net;

namespace SmtpProxy.Faults;

/// <summary>What is known of a session when a rule is matched. Kept by the session, on its loop; never published.</summary>
public sealed class FaultFacts
{
    /// <summary>The session's id, as in the journal.</summary>
    public string Session { get; set; } = "";

    /// <summary>The listener's name.</summary>
    public required string Listener { get; init; }

    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The client's address; IPv4 never mapped into IPv6. <see cref="IPAddress.None"/> for a Unix-domain peer.</summary>
    public required IPAddress Client { get; init; }

    /// <summary>The relay's configured name; null before one was picked.</summary>
    public string? Destination { get; set; }

    /// <summary>The name of the last EHLO, HELO or LHLO.</summary>
    public string? HeloName { get; set; }

    /// <summary>The proxy itself replies to STARTTLS in this session.</summary>
    public bool OffersTls { get; set; }

    /// <summary>The client's TLS ends at the proxy, and has begun.</summary>
    public bool IsTlsTerminated { get; set; }

    /// <summary>The session can no longer be read: only close, throttle, stall and timers apply.</summary>
    public bool IsOpaque { get; set; }

    /// <summary>The client is authenticated (AUTH was answered 235).</summary>
    public bool IsAuthenticated { get; set; }

    /// <summary>The reverse-path of the open (or asked-for) transaction, without angle brackets; "" for
    /// the null path; null: none.</summary>
    public string? MailFrom { get; set; }

    /// <summary>The forward-path of the RCPT at hand (after it: of the last one), without angle brackets.</summary>
    public string? RcptTo { get; set; }

    /// <summary>The forward-path of the transaction's first RCPT.</summary>
    public string? FirstRcptTo { get; set; }

    /// <summary>RCPTs of this transaction so far, the one at hand included.</summary>
    public int RecipientCount { get; set; }

    /// <summary>SIZE= of MAIL; null: not declared.</summary>
    public long? DeclaredSize { get; set; }

    /// <summary>Octets of the message so far, as on the wire.</summary>
    public long BodyOctets { get; set; }

    /// <summary>Transactions begun in this session, the one at hand included.</summary>
    public int Transactions { get; set; }

    /// <summary>Command lines so far, the one at hand included.</summary>
    public int Commands { get; set; }

    /// <summary>The verb at hand, upper case.</summary>
    public string Verb { get; set; } = "";

    /// <summary>Age of the session.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>The point at which rules are asked.</summary>
    public FaultPoint Point { get; set; }

    /// <summary>Code of the relay's reply; 0 before it came.</summary>
    public int RelayCode { get; set; }

    /// <summary>The point and command at which a rule has struck already: its reply is taken.</summary>
    internal (FaultPoint Point, int Command)? TakenAt { get; set; }

    /// <summary>Returns a copy of the facts as they are now: a reply is matched with the facts of its own command, also when the
    /// client has said more since.</summary>
    public FaultFacts Snapshot() => (FaultFacts)MemberwiseClone();
}
