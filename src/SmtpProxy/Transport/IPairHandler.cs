using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Transport;

/// <summary>What a transport reports to a session. One call at a time, on the pair's loop. An exception thrown by a
/// handler resets both legs.</summary>
public interface IPairHandler
{
    /// <summary>The client's connection was accepted, or handed over, and reading from it begins (unless
    /// paused here). The first call.</summary>
    void Accepted(IPair pair);

    /// <summary>A dial is over, one way or the other. The relay's octets come after this.</summary>
    void Dialled(in DialResult result);

    /// <summary>Octets were read. The span is the transport's buffer and valid only during the call. Where both legs have octets,
    /// the client's come first: they were sent before it could see what the relay's say.</summary>
    void Received(Leg from, ReadOnlySpan<byte> octets);

    /// <summary>So many octets were moved to the other leg by <see cref="IPair.Splice"/> without being shown.</summary>
    void Spliced(Leg from, long octets);

    /// <summary>The leg's inbound direction is over; after FIN everything before it was delivered by <see cref="Received"/>
    /// or <see cref="Spliced"/>. A reset can follow a FIN, while the other direction is still open.</summary>
    void Ended(Leg from, EndKind how);

    /// <summary>The kernel has everything that was sent to this leg, after a time in which it had not:
    /// <see cref="IPair.Unsent"/> is 0.</summary>
    void Drained(Leg to);

    /// <summary>A timer ran out.</summary>
    void TimedOut(PairTimer timer);

    /// <summary>Somebody called <see cref="IPair.Signal"/>.</summary>
    void Signalled(int what);

    /// <summary>A TLS handshake of a leg is over. Where it failed, the leg is gone: of the client's, <see cref="Ended"/>
    /// follows; the relay's was reset.</summary>
    void Secured(in TlsHandshake handshake)
    {
        // Who stands below all encryption, or does not care.
    }

    /// <summary>Both legs are closed and no dial is under way; the last call.</summary>
    void Closed();
}
