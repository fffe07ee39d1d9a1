using System.Net;
using SmtpProxy.Tls;
using SmtpProxy.Transport.Security;

namespace SmtpProxy.Transport;

/// <summary>One of a session's two connections.</summary>
public enum Leg : byte
{
    /// <summary>To the peer that connected to us.</summary>
    Client,

    /// <summary>To the relay we dialled.</summary>
    Relay,
}

/// <summary>How the inbound direction of a leg ended.</summary>
public enum EndKind : byte
{
    /// <summary>FIN: everything before it was received.</summary>
    Fin,

    /// <summary>RST, or any other error of the connection. The leg is gone in both directions.</summary>
    Reset,
}

/// <summary>The timers of a pair. Setting one replaces its deadline.</summary>
public enum PairTimer : byte
{
    /// <summary>Waiting for octets of the client.</summary>
    ClientRead,

    /// <summary>Waiting for the client to take octets.</summary>
    ClientWrite,

    /// <summary>Waiting for octets of the relay, or for the dial.</summary>
    RelayRead,

    /// <summary>Waiting for the relay to take octets.</summary>
    RelayWrite,

    /// <summary>Free for the session: drain deadline, held replies.</summary>
    Session,

    /// <summary>Waiting for the client's part of a TLS handshake.</summary>
    ClientHandshake,

    /// <summary>Waiting for the relay's part of a TLS handshake, or of what comes before it.</summary>
    RelayHandshake,

    /// <summary>Free for faults.</summary>
    Fault,
}

/// <summary>Where to connect to.</summary>
/// <param name="Address">IPv4, IPv6 or Unix-domain end point; never a name.</param>
/// <param name="Timeout">How long the connection may take to be established.</param>
public readonly record struct DialTarget(EndPoint Address, TimeSpan Timeout)
{
    /// <summary>Octets that go to the relay before anything else, once it is connected: a PROXY header.</summary>
    public ReadOnlyMemory<byte> Preamble { get; init; }

    /// <summary>The address to connect from, although it is not this machine's (<c>IP_TRANSPARENT</c>, Linux, CAP_NET_ADMIN); of the family of
    /// <see cref="Address"/>. Null: one of this machine's.</summary>
    public IPEndPoint? From { get; init; }

    /// <summary>For whoever stands between the session and its pair: the relay is to be told who the client is before the two talk, by somebody of
    /// this name. Null: it is not.</summary>
    public string? IntroduceAs { get; init; }

    /// <summary>For whoever encrypts: how TLS is spoken to the relay; null: not.</summary>
    public RelayTls? Tls { get; init; }
}

/// <summary>What came of a dial.</summary>
public enum DialOutcome : byte
{
    /// <summary>Connected; the relay leg is live.</summary>
    Connected,

    /// <summary>Actively refused.</summary>
    Refused,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>No route, network down, or host unreachable.</summary>
    Unreachable,

    /// <summary>Anything else.</summary>
    Failed,

    /// <summary>Connected, but TLS could not be established as it must be.</summary>
    TlsFailed,

    /// <summary>This machine could not dial (<see cref="DialResult.Shortage"/>), which says nothing about the relay.</summary>
    NotDialled,

    /// <summary>Connected, but there was no greeting of the kind that what is required of the relay can begin with.</summary>
    GreetingFailed,

    /// <summary>Connected, but the relay cannot be told by this proxy who its clients are, as it must be.</summary>
    IntroductionFailed,

    /// <summary>Connected, but the relay cannot be told, or does not take, who this client is. The next client may be another matter.</summary>
    IntroductionRefused,
}

/// <summary>The result of <see cref="IPair.Dial"/>.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Local">Our end of the connection, when connected.</param>
/// <param name="Remote">The relay's end, when connected.</param>
/// <param name="Error">The system's words for what went wrong, otherwise null.</param>
public readonly record struct DialResult(DialOutcome Outcome, EndPoint? Local, EndPoint? Remote, string? Error)
{
    /// <summary>With <see cref="DialOutcome.NotDialled"/>: what was lacking.</summary>
    public Shortage Shortage { get; init; }

    /// <summary>No dial was made: a fault stands for one. It says nothing about the relay.</summary>
    public bool IsInjected { get; init; }

    /// <summary>Ticks for which the answer was kept back after the connection was there: for TLS, or what is said before the session hears of it.</summary>
    public long KeptBack { get; init; }

    /// <summary>Ticks from the connection to the relay's greeting, where that came in the time that was kept back.</summary>
    public long GreetingTook { get; init; }
}

/// <summary>
/// What a transport offers a session: the client's connection and, once dialled, the relay's. Every member is called on the
/// pair's own loop, from inside a call of <see cref="IPairHandler"/>; only <see cref="Signal"/> may be called from anywhere.
/// No member blocks and none throws for what the network does. A call on a leg that is gone, or not connected yet, does nothing.
/// </summary>
public interface IPair
{
    /// <summary>A process-wide number of the pair, never reused.</summary>
    long Id { get; }

    /// <summary>The client's address.</summary>
    EndPoint Client { get; }

    /// <summary>The address that the client connected to.</summary>
    EndPoint Local { get; }

    /// <summary>Monotonic time in <see cref="System.Diagnostics.Stopwatch"/> ticks: when the octets or the event that are being
    /// handled were taken from the kernel. Constant during one call of the handler.</summary>
    long Now { get; }

    /// <summary>Monotonic time at this moment, in the same ticks: after a <see cref="Send"/>, when the octets were handed to the kernel.</summary>
    long Clock();

    /// <summary>Connects the relay leg; the answer is <see cref="IPairHandler.Dialled"/>, never inside this call. Allowed again after a dial that
    /// failed, or after the relay leg was <see cref="Reset"/>, for fail-over.</summary>
    void Dial(in DialTarget target);

    /// <summary>Writes octets to a leg, in order: straight to the kernel, and what it does not take is kept. When something was kept,
    /// <see cref="Unsent"/> is above 0 and <see cref="IPairHandler.Drained"/> follows when it is 0 again. Whoever makes a queue grow is paused until
    /// it has drained: a leg is not read, paused or not, while more than <see cref="QueueMemory.Bound"/> is unsent to it.</summary>
    void Send(Leg to, ReadOnlySpan<byte> octets);

    /// <summary>Octets handed to <see cref="Send"/> (or spliced) that the kernel has not taken yet.</summary>
    int Unsent(Leg to);

    /// <summary>FIN behind all that was sent. Reading goes on. A leg that has been shut and has ended is closed.</summary>
    void Shut(Leg leg);

    /// <summary>RST now; what is unsent is dropped. No <see cref="IPairHandler.Ended"/> follows. A dial under way is given up, and no
    /// <see cref="IPairHandler.Dialled"/> follows.</summary>
    void Reset(Leg leg);

    /// <summary>Stops reading from a leg, so that its peer is slowed by TCP. Its reset may still be reported.</summary>
    void Pause(Leg from);

    /// <summary>Reads again. What is already there is delivered soon, never inside this call.</summary>
    void Resume(Leg from);

    /// <summary>Calls <see cref="IPairHandler.TimedOut"/> once after this time, unless set again or cancelled. Accuracy: 10 ms or 1 %.</summary>
    void SetTimer(PairTimer timer, TimeSpan after);

    /// <summary>Forgets the timer.</summary>
    void CancelTimer(PairTimer timer);

    /// <summary>Moves the next octets of a leg to the other without showing them, with the transport's own back-pressure; progress is
    /// reported by <see cref="IPairHandler.Spliced"/>. A pair that must see them (it encrypts, or changes them) may show them as ever instead. After that many octets (<see cref="long.MaxValue"/> = until the end)
    /// <see cref="IPairHandler.Received"/> goes on. Octets before are sent first, octets after stay behind until those spliced are with
    /// the kernel. Calling it again replaces what is left of the count; 0, or the end of the leg, ends it.</summary>
    void Splice(Leg from, long octets);

    /// <summary>Encrypts what follows on a leg, from the next octet in either direction; <see cref="IPairHandler.Secured"/> follows, never inside this
    /// call. What is sent before that waits. Only a pair that was made to encrypt does (<see cref="TlsPair"/>).</summary>
    /// <param name="leg">The leg; connected.</param>
    /// <param name="shake">Makes the handshake.</param>
    /// <param name="patience">How long the handshake may take.</param>
    void Secure(Leg leg, TlsShake shake, TimeSpan patience) => throw new NotSupportedException("This pair does not encrypt.");

    /// <summary>Asks for <see cref="IPairHandler.Signalled"/> on the pair's loop. From any thread; ignored when the pair is closed.
    /// Equal signals that still wait may be told once.</summary>
    /// <param name="what">Above 0; what is below is the transports' own (<see cref="TransportSignal"/>).</param>
    void Signal(int what);
}

/// <summary>What a transport tells a session. One call at a time, on the pair's loop. An exception out of a handler resets both legs.</summary>
public interface IPairHandler
{
    /// <summary>The client's connection was accepted and reading from it has begun (unless paused here). The first call.</summary>
    void Accepted(IPair pair);

    /// <summary>The answer to <see cref="IPair.Dial"/>. Octets of the relay come after it.</summary>
    void Dialled(in DialResult result);

    /// <summary>Octets were read. The span is the transport's buffer and valid only during the call. Where both legs have octets,
    /// the client's come first: they were sent before it could see what the relay's say.</summary>
    void Received(Leg from, ReadOnlySpan<byte> octets);

    /// <summary>Octets passed inside <see cref="IPair.Splice"/>.</summary>
    void Spliced(Leg from, long octets);

    /// <summary>The leg's inbound direction is over; after FIN everything before it was delivered by <see cref="Received"/>
    /// or <see cref="Spliced"/>. A reset can follow a FIN, while the other direction is still open.</summary>
    void Ended(Leg from, EndKind how);

    /// <summary>Everything sent to this leg is with the kernel again, after a time when it was not.</summary>
    void Drained(Leg to);

    /// <summary>A timer ran out.</summary>
    void TimedOut(PairTimer timer);

    /// <summary>Somebody called <see cref="IPair.Signal"/>.</summary>
    void Signalled(int what);

    /// <summary>A TLS handshake of a leg is over. Where it failed, the leg is gone: of the client's, <see cref="Ended"/> follows; the relay's was reset.</summary>
    void Secured(in TlsHandshake handshake)
    {
        // Who stands below all encryption, or does not care.
    }

    /// <summary>Both legs are closed and no dial is under way; the last call.</summary>
    void Closed();
}
