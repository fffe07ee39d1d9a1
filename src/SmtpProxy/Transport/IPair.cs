using System.Net;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport;

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

    /// <summary>When the octets, or the end, that are being handled had reached this machine, in the same ticks: as far as the transport
    /// knows, and never after <see cref="Now"/>. What lies between is the proxy's own delay, whatever its reason:
    /// busy, starved, stopped.</summary>
    long Arrived => Now;

    /// <summary>Monotonic time at this moment, in the same ticks: after a <see cref="Send"/>, when the octets
    /// were handed to the kernel.</summary>
    long Clock();

    /// <summary>Connects the relay leg. <see cref="IPairHandler.Dialled"/> reports the outcome, never inside this call. Allowed again, for
    /// fail-over, after a dial that failed or after the relay leg was <see cref="Reset"/>.</summary>
    /// <exception cref="InvalidOperationException">The relay leg is connected or being dialled.</exception>
    void Dial(in DialTarget target);

    /// <summary>Sends octets to a leg, in order: straight to the kernel; what it does not take is kept. When something was kept,
    /// <see cref="Unsent"/> is above 0, and <see cref="IPairHandler.Drained"/> follows once it is 0 again. A leg is not read, paused or
    /// not, while more than <see cref="Resources.QueueMemory.Bound"/> is unsent to it.</summary>
    void Send(Leg to, ReadOnlySpan<byte> octets);

    /// <summary>Number of octets handed to <see cref="Send"/>, or spliced, that the kernel has not taken yet.</summary>
    int Unsent(Leg to);

    /// <summary>Asks whether the peer's kernel has what was sent to a leg that has not been <see cref="Shut"/>: one call of ours.</summary>
    /// <returns>True: it has confirmed all, or nobody can say, as not every kind of connection tells. False: it refused what was sent
    /// last. Null: neither, yet.</returns>
    bool? IsConfirmed(Leg to);

    /// <summary>Sends FIN after everything that was sent. Reading goes on. A leg that was shut and has ended is closed.</summary>
    void Shut(Leg leg);

    /// <summary>Sends RST now and discards what is unsent. No <see cref="IPairHandler.Ended"/> follows. A dial under way is given up, and
    /// no <see cref="IPairHandler.Dialled"/> follows.</summary>
    void Reset(Leg leg);

    /// <summary>Closes a leg that owes its peer nothing but what its kernel has: that and FIN reach a peer however late it looks, where RST
    /// would overtake them (RFC 9293, section 3.10.7.4). What the peer still sends is answered by RST. While octets are unsent it is
    /// <see cref="Reset"/>. No <see cref="IPairHandler.Ended"/> follows.</summary>
    void Close(Leg leg);

    /// <summary>Stops reading from a leg, so that its peer is slowed by TCP. Its reset may still be reported.</summary>
    void Pause(Leg from);

    /// <summary>Reads again. What is already there is delivered soon, never inside this call.</summary>
    void Resume(Leg from);

    /// <summary>Calls <see cref="IPairHandler.TimedOut"/> once after this time, unless set again or cancelled.
    /// Accuracy: 10 ms or 1 %.</summary>
    void SetTimer(PairTimer timer, TimeSpan after);

    /// <summary>Forgets the timer.</summary>
    void CancelTimer(PairTimer timer);

    /// <summary>Moves the next octets of a leg to the other without showing them, with the transport's own back-pressure, and reports
    /// progress by <see cref="IPairHandler.Spliced"/>. After so many octets <see cref="IPairHandler.Received"/> goes on. What was sent
    /// before goes first; what is sent after waits until the kernel has what was spliced. Calling it again replaces what is left of the
    /// count; the end of the leg ends it. A pair that encrypts must see the octets, and shows them by
    /// <see cref="IPairHandler.Received"/> all the same.</summary>
    /// <param name="from">The leg that is read.</param>
    /// <param name="octets">How many; <see cref="long.MaxValue"/>: until the end. 0 ends it.</param>
    void Splice(Leg from, long octets);

    /// <summary>Encrypts what follows on a leg, from the next octet in either direction; <see cref="IPairHandler.Secured"/> follows, never
    /// inside this call. What is sent before that waits. Only a pair that was made to encrypt does.</summary>
    /// <param name="leg">The leg; connected.</param>
    /// <param name="shake">Makes the handshake.</param>
    /// <param name="patience">How long the handshake may take.</param>
    void Secure(Leg leg, TlsShake shake, TimeSpan patience) => throw new NotSupportedException("This pair does not encrypt.");

    /// <summary>Asks for <see cref="IPairHandler.Signalled"/> on the pair's loop. From any thread; ignored when the pair is closed.
    /// Equal signals that still wait may be delivered once.</summary>
    /// <param name="what">Above 0; what is below is the transport's own.</param>
    void Signal(int what);

    /// <summary>Ends the service of this handler: another one takes the pair from here on, and its first call,
    /// <see cref="IPairHandler.Accepted"/>, comes inside this one. For who has to read something before it is known whose session it is;
    /// only while the client is connected and no relay is.</summary>
    /// <param name="next">Who takes it.</param>
    /// <param name="arrival">Where the client comes from and came to, as <see cref="Client"/> and
    /// <see cref="Local"/> say from here on.</param>
    /// <param name="unread">What the client has sent and this handler leaves to the next: it is delivered again,
    /// before what comes after it.</param>
    void HandOver(IPairHandler next, in Arrival arrival, ReadOnlySpan<byte> unread) =>
        throw new NotSupportedException("This pair has its handler for good.");
}
