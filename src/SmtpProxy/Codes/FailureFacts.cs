using SmtpProxy.Protocol;

namespace SmtpProxy.Codes;

/// <summary>How a session came to its end, as far as a diagnosis tells cases apart.</summary>
public enum SessionBreak : byte
{
    /// <summary>QUIT was answered.</summary>
    Quit,

    /// <summary>The client closed first.</summary>
    ClientGone,

    /// <summary>The relay closed first.</summary>
    RelayGone,

    /// <summary>A limit of ours on waiting for the client ran out.</summary>
    ClientSilent,

    /// <summary>A limit of ours on waiting for the relay ran out.</summary>
    RelaySilent,

    /// <summary>No relay could be reached.</summary>
    NotConnected,

    /// <summary>A cap of ours.</summary>
    Capped,

    /// <summary>The listener serves others.</summary>
    NotServed,

    /// <summary>We were stopping.</summary>
    Stopping,

    /// <summary>TLS is required of the client, and what it sent could not lead there.</summary>
    Insecure,

    /// <summary>The client may speak for others, for all that can be told of its dialogue, and is not allowed to.</summary>
    Unidentified,

    /// <summary>An armed fault.</summary>
    Fault,
}

/// <summary>Why no relay could be reached.</summary>
public enum DialTrouble : byte
{
    /// <summary>There was no relay to dial.</summary>
    NoRelay,

    /// <summary>The name does not resolve.</summary>
    NameUnresolved,

    /// <summary>Refused (RST).</summary>
    Refused,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>No route, or another failure of the network.</summary>
    Unreachable,

    /// <summary>Connected, but TLS could not be established as it must be.</summary>
    Tls,

    /// <summary>This machine could not dial: it lacks descriptors, ports, memory or leave.</summary>
    LocalResources,

    /// <summary>Connected, but no greeting came that could be begun with.</summary>
    Greeting,

    /// <summary>Connected, but the relay could not be told who the client is, as it must be.</summary>
    Introduction,
}

/// <summary>A refusal: the reply that decided.</summary>
/// <param name="Operation">What it answers.</param>
/// <param name="Code">400-599.</param>
/// <param name="Enhanced">Its enhanced code, if any.</param>
/// <param name="Text">Its text, all lines, bounded; looked at and never kept.</param>
public sealed record Refusal(Operation Operation, int Code, EnhancedCode Enhanced, string Text)
{
    /// <summary>The proxy answered in the relay's place.</summary>
    public bool IsOurs { get; init; }
}

/// <summary>What is known of a session that did not end well. Everything is a fact of the wire; the conclusions are <see cref="Diagnoser"/>'s.</summary>
public sealed record FailureFacts
{
    /// <summary>How it ended.</summary>
    public SessionBreak Break { get; init; }

    /// <summary>With <see cref="SessionBreak.NotConnected"/>: why.</summary>
    public DialTrouble Dial { get; init; }

    /// <summary>The refusal that decided; null where there was none.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>A command by which the client would speak for others was kept from the relay.</summary>
    public bool SpokeForOthers { get; init; }

    /// <summary>What was going on at the end: the oldest exchange without a reply, or <see cref="Operation.Body"/>; null = nothing.</summary>
    public Operation? Stopped { get; init; }

    /// <summary>Whether a greeting was complete.</summary>
    public bool Greeted { get; init; }

    /// <summary>Whether the client sent anything.</summary>
    public bool ClientSpoke { get; init; }

    /// <summary>The relay's port; 0 = not known.</summary>
    public int RelayPort { get; init; }

    /// <summary>What the relay's first octets were.</summary>
    public FirstOctets RelayBegan { get; init; }

    /// <summary>Anomalies, as bits by their number.</summary>
    public ulong Anomalies { get; init; }

    /// <summary>Description of a fatal TLS alert in the clear (RFC 8446 6.2); null = none.</summary>
    public byte? TlsAlert { get; init; }

    /// <summary>The alert came from the client.</summary>
    public bool AlertOfClient { get; init; }

    /// <summary><c>error.type</c> of a handshake of the proxy's own that failed; null = none.</summary>
    public string? TlsError { get; init; }

    /// <summary>That handshake was with the client.</summary>
    public bool TlsErrorOfClient { get; init; }

    /// <summary>Lines behind an end of data that are no commands and were refused as such.</summary>
    public int StrayLines { get; init; }

    /// <summary>Time from the last octet to the end, in milliseconds; -1 = not known.</summary>
    public double QuietMilliseconds { get; init; } = -1;

    /// <summary>Whether this anomaly was seen.</summary>
    public bool Saw(Anomaly anomaly) => (Anomalies & (1UL << (int)anomaly)) != 0;
}
