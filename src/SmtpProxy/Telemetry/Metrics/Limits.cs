namespace SmtpProxy.Telemetry.Metrics;

/// <summary>The closed set of <c>smtpproxy.limit</c>; docs/telemetry.md says what each stands for.</summary>
internal static class Limits
{
    /// <summary>A finished session that the journal could not take.</summary>
    public const string Journal = "journal";

    /// <summary>All of them.</summary>
    public static readonly string[] All =
    [
        "sessions", "sessions_per_listener", "sessions_per_client", "connection_rate", "handshakes", "handshakes_per_client",
        "refused_lingering",
        "descriptors", "queue_memory", "record_memory", "dialogue_memory", "kernel_memory", "local_ports", "local_permission",
        "proxy_header",
        "denied_network", "greeting_timeout", "reply_timeout", "idle_timeout", "command_timeout", "slow_data", "write_timeout",
        "xclient_blocked",
        "tls_required", "client_backlog", Journal, "journal_rate", "admin_token", "observer",
    ];
}
