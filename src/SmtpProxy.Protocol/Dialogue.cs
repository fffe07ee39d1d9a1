namespace SmtpProxy.Protocol;

/// <summary>Follows one SMTP or LMTP dialogue exactly (PROTOCOL 1-13): takes the octets of both parties in the order in which
/// they were read, cut anywhere, and reports facts to its observer. Knows no sockets, no clock and no telemetry; changes nothing.
/// It never throws for what is on the wire: doubt ends in <see cref="OpaqueReason"/>. Not thread-safe; reusable after <see cref="Reset"/>.</summary>
public sealed class Dialogue
{
    /// <summary>Creates a dialogue that waits for the greeting; call <see cref="Start"/> before the first octet.</summary>
    public Dialogue(IDialogueObserver observer, DialogueLimits limits) => throw new NotImplementedException();

    /// <summary>Opens the greeting's exchange.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>Octets of the client.</summary>
    /// <param name="octets">What was read; never changed, never kept.</param>
    /// <param name="stop">Whether to return after the first element that is complete.</param>
    /// <returns>How many octets were consumed; all, unless <paramref name="stop"/> asked to stop behind an element (a command
    /// line, the end of data, a chunk, a SASL response).</returns>
    public int FromClient(ReadOnlySpan<byte> octets, StopAt stop = StopAt.Never) => throw new NotImplementedException();

    /// <summary>Octets of the server; as <see cref="FromClient"/>, an element being one whole reply.</summary>
    public int FromServer(ReadOnlySpan<byte> octets, StopAt stop = StopAt.Never) => throw new NotImplementedException();

    /// <summary>A whole reply that did not come from the server but is sent to the client in its name (server unreachable, limits,
    /// drain, faults). Goes to the oldest exchange, or to none; raises no anomaly; 421 closes.</summary>
    public void FromProxy(ReadOnlySpan<byte> reply) => throw new NotImplementedException();

    /// <summary>Octets of this party that need not be looked at from here: the rest of a chunk, everything when opaque
    /// (<see cref="long.MaxValue"/>), otherwise 0. Moved past with <see cref="Skip"/>.</summary>
    public long Unexamined(Party party) => throw new NotImplementedException();

    /// <summary>Octets of <see cref="Unexamined"/> that passed without being shown.</summary>
    public void Skip(Party party, long octets) => throw new NotImplementedException();

    /// <summary>One direction ended.</summary>
    public void Ended(Party party, StreamEnd how) => throw new NotImplementedException();

    /// <summary>Both directions are over: reports what is unanswered, truncated and open, and settles <see cref="FinalState"/>. Idempotent.</summary>
    public void Finish() => throw new NotImplementedException();

    /// <summary>Number of exchanges whose reply is outstanding, the greeting included.</summary>
    public int Outstanding => throw new NotImplementedException();

    /// <summary>The oldest outstanding exchange. Only while <see cref="Outstanding"/> &gt; 0.</summary>
    public ref readonly Exchange Oldest => throw new NotImplementedException();

    /// <summary>Whose move it is: the server's while it owes a reply that it could give now; the client's otherwise (in a body
    /// or chunk that nothing precedes, behind a challenge, with nothing outstanding). Opaque: of whoever did not speak last.</summary>
    public Party Turn => throw new NotImplementedException();

    /// <summary>What the client's octets are now.</summary>
    public ClientPhase ClientPhase => throw new NotImplementedException();

    /// <summary>Whether the server is inside a reply: some of its lines or octets have come, the rest has not.</summary>
    public bool InsideReply => throw new NotImplementedException();

    /// <summary>Whether a command line has begun and not ended.</summary>
    public bool InsideCommand => throw new NotImplementedException();

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => throw new NotImplementedException();

    /// <summary>The open transaction. Only while <see cref="InTransaction"/>.</summary>
    public ref readonly Transaction Transaction => throw new NotImplementedException();

    /// <summary>Whether, and why, octets are not interpreted.</summary>
    public OpaqueReason Opaque => throw new NotImplementedException();

    /// <summary>Whether a greeting (any reply to the connection) was complete.</summary>
    public bool Greeted => throw new NotImplementedException();

    /// <summary>SMTP or LMTP.</summary>
    public DialogueProtocol Protocol => throw new NotImplementedException();

    /// <summary>What was seen of TLS.</summary>
    public TlsState Tls => throw new NotImplementedException();

    /// <summary>Where the dialogue stands; final after <see cref="Finish"/>.</summary>
    public FinalState FinalState => throw new NotImplementedException();

    /// <summary>Octets seen or skipped of a party.</summary>
    public long Octets(Party party) => throw new NotImplementedException();

    /// <summary>Makes it new for another connection, keeping its buffers.</summary>
    public void Reset(IDialogueObserver observer) => throw new NotImplementedException();

    /// <summary>The session inside TLS begins (PROTOCOL 7.6): capabilities, AUTH state and held plaintext are forgotten; EHLO is expected.</summary>
    public void RestartInsideTls() => throw new NotImplementedException();
}

/// <summary>When <see cref="Dialogue.FromClient"/> returns.</summary>
public enum StopAt : byte
{
    /// <summary>When all octets are consumed.</summary>
    Never,

    /// <summary>Behind the first element that is complete.</summary>
    Element,
}

/// <summary>Bounds of the interpreter; none of them bounds what is forwarded.</summary>
public sealed record DialogueLimits
{
    /// <summary>The defaults.</summary>
    public static DialogueLimits Default { get; } = new();

    /// <summary>Octets of a line that are kept, at least 512.</summary>
    public int LinePrefix { get; init; } = 2048;

    /// <summary>Octets held while their meaning depends on a reply (PROTOCOL 4.5).</summary>
    public int HeldOctets { get; init; } = 64 * 1024;

    /// <summary>Exchanges that may be outstanding.</summary>
    public int Outstanding { get; init; } = 10_000;
}
