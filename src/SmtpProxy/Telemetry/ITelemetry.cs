using SmtpProxy.Telemetry.Facts;

namespace SmtpProxy.Telemetry;

/// <summary>Opens a record for each session. Thread-safe.</summary>
public interface ITelemetry
{
    /// <summary>Opens the telemetry of a new session.</summary>
    /// <param name="listener">The listener's name.</param>
    /// <param name="cluster">The cluster's id.</param>
    SessionTelemetry Open(string listener, string cluster);

    /// <summary>Counts that a bound was met (<c>smtpproxy.limits.hit</c>); its name comes from a closed set,
    /// such as <c>sessions</c>.</summary>
    void LimitHit(string limit);

    /// <summary>A listener is about to open: its series of closed sets exist from here, at 0, and those of its cluster's relays.</summary>
    /// <param name="listener">The listener's name.</param>
    /// <param name="cluster">The cluster's id.</param>
    void Listening(string listener, string cluster);

    /// <summary>Sets how many sessions a listener may have at once, as the gauge
    /// <c>smtpproxy.session.limit</c> shows it; 0: no cap.</summary>
    void SessionLimit(string listener, int limit);

    /// <summary>Sets how many octets the records of all sessions may hold (<c>smtpproxy.record.memory.limit</c>); 0: no cap.</summary>
    void RecordMemoryLimit(long octets);

    /// <summary>What had come for the transport waited for so many ticks until a loop, or a thread, got to it
    /// (<c>smtpproxy.loop.lag</c>).</summary>
    /// <param name="transport">The transport's name.</param>
    /// <param name="ticks">How long.</param>
    void Lagged(string transport, long ticks);

    /// <summary>The configuration changed while running (<c>smtpproxy.config.reloads</c>): it was applied, or refused and
    /// the last good one stays.</summary>
    void ConfigReloaded(bool applied);

    /// <summary>A TLS handshake of the proxy's own is over (<c>smtpproxy.tls.handshakes</c>); failed ones are also logged, at a limited
    /// rate. For handshakes outside of sessions; a session's go to <see cref="SessionTelemetry.Handshaken"/>.</summary>
    void Handshaken(string listener, string? destination, HandshakeNote handshake);
}
