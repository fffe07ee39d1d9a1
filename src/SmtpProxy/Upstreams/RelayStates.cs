namespace SmtpProxy.Upstreams;

/// <summary>Where a relay stands: the <c>state</c> of <c>GET /api/v1/upstreams</c> and <c>smtpproxy.state</c> of
/// <c>smtpproxy.upstream.state</c>.</summary>
internal static class RelayStates
{
    /// <summary>Sessions are sent to it, and nothing speaks against it.</summary>
    public const string Up = "up";

    /// <summary>It was taken out, is tried again, and has not answered since.</summary>
    public const string Trying = "trying";

    /// <summary>No sessions are sent to it, as long as others are available.</summary>
    public const string Down = "down";

    /// <summary>It was taken out of service: it gets no sessions, and keeps those that it has.</summary>
    public const string Draining = "draining";

    /// <summary>All of them, the best first.</summary>
    public static IReadOnlyList<string> All => Telemetry.Metrics.UpstreamState.States;
}
