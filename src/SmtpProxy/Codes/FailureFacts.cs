using System.Net;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Codes;

/// <summary>What is known of a session that did not end well. Everything is a fact of the wire; the conclusions are
/// <see cref="Diagnoser"/>'s.</summary>
public sealed record FailureFacts
{
    /// <summary>How it ended.</summary>
    public SessionBreak Break { get; init; }

    /// <summary>With <see cref="SessionBreak.NotConnected"/>: why.</summary>
    public DialOutcome Dial { get; init; }

    /// <summary>The refusal that decided; null where there was none.</summary>
    public RefusalReply? Refusal { get; init; }

    /// <summary>A command by which the client would speak for others was kept from the relay.</summary>
    public bool SpokeForOthers { get; init; }

    /// <summary>What was going on at the end: the oldest exchange without a reply, or
    /// <see cref="Operation.Body"/>; null = nothing.</summary>
    public Operation? Stopped { get; init; }

    /// <summary>Whether a greeting was complete.</summary>
    public bool Greeted { get; init; }

    /// <summary>Whether the client sent anything.</summary>
    public bool ClientSpoke { get; init; }

    /// <summary>The relay's port; 0 = not known.</summary>
    public int RelayPort { get; init; }

    /// <summary>Where the relay was dialled; null: nowhere.</summary>
    public EndPoint? Relay { get; init; }

    /// <summary>The rule that injected the last fault; null: none did.</summary>
    public string? Rule { get; init; }

    /// <summary>The SHA-256 fingerprint of the relay's certificate that is not believed; null: none.</summary>
    public string? Fingerprint { get; init; }

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

    /// <summary>What came to that handshake was no TLS at all.</summary>
    public bool TlsErrorIsPlaintext { get; init; }

    /// <summary>How far a handshake came that passes through and was not completed; null: it was, or there was none.</summary>
    public TlsProgress? TlsStoppedAt { get; init; }

    /// <summary>The relay waits for no TLS: it has greeted another session, or the proxy speaks TLS with it.</summary>
    public bool RelayWaitsForNoTls { get; init; }

    /// <summary>Lines after an end of data that are no commands and were refused as such.</summary>
    public int StrayLines { get; init; }

    /// <summary>DATA was answered 2yz, which is no go-ahead, and that message was not delivered.</summary>
    public bool HadNoGoAhead { get; init; }

    /// <summary>After its verdict on a message the relay said something that answers nothing.</summary>
    public bool HadSurplusVerdict { get; init; }

    /// <summary>Time from the last octet to the end, in milliseconds; -1 = not known.</summary>
    public double QuietMilliseconds { get; init; } = -1;

    /// <summary>Whether this anomaly was seen.</summary>
    public bool Saw(Anomaly anomaly) => (Anomalies & (1UL << (int)anomaly)) != 0;
}
