namespace SmtpProxy.Telemetry.Metrics;

/// <summary>What the gauges <c>smtpproxy.upstream.…</c> show. Implemented by whoever knows the relays and
/// registered as a singleton of this type; without one the gauges are silent.</summary>
public interface IUpstreamStates
{
    /// <summary>Every configured destination of every cluster, once. Asked for at each collection, from any
    /// thread; must not block.</summary>
    IEnumerable<UpstreamState> Current();
}

/// <summary>One destination at this moment.</summary>
/// <param name="Cluster">The cluster's id.</param>
/// <param name="Destination">The destination's configured name.</param>
/// <param name="State"><c>up</c>, <c>trying</c> (was down, gets sessions again, and has not answered yet),
/// <c>down</c> or <c>draining</c>.</param>
/// <param name="Sessions">Sessions that hold a lease on it.</param>
/// <param name="Discards">Whether mail that it accepts is discarded.</param>
/// <param name="TrustsProxy">Whether it would take the proxy's word for who a client is, and is not told; null: not known.</param>
/// <param name="Encrypts">Whether TLS may be spoken to it whatever its client does.</param>
public readonly record struct UpstreamState(string Cluster, string Destination, string State, int Sessions, bool Discards = false,
    bool? TrustsProxy = null,
    bool Encrypts = false)
{
    /// <summary>Every state there is.</summary>
    public static IReadOnlyList<string> States { get; } = ["up", "trying", "down", "draining"];

    /// <summary>Whether sessions are sent to it and nothing speaks against it.</summary>
    public bool Up => State == "up";
}
