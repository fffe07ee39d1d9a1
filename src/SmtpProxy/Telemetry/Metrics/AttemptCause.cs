namespace SmtpProxy.Telemetry.Metrics;

/// <summary>Why mail did not get through that no verdict was given on: <c>smtpproxy.cause</c>.</summary>
internal enum AttemptCause : byte
{
    /// <summary>No relay could be reached (<c>connect_failed</c>).</summary>
    ConnectFailed,

    /// <summary>Every relay was taken out of service by an operator (<c>drained</c>).</summary>
    Drained,

    /// <summary>The relay, or the proxy in its place, answered 4yz before a transaction could begin (<c>deferred</c>).</summary>
    Deferred,

    /// <summary>The relay went while it owed a reply, or had the message (<c>relay_gone</c>).</summary>
    RelayGone,

    /// <summary>The relay was silent until a limit of the proxy ended the session (<c>relay_silent</c>).</summary>
    RelaySilent,

    /// <summary>The client went after the relay had been silent for more than two seconds (<c>gave_up</c>).</summary>
    GaveUp,

    /// <summary>A limit of the proxy turned the client away (<c>limit</c>).</summary>
    Limit,

    /// <summary>An armed fault (<c>fault</c>).</summary>
    Fault,

    /// <summary>The client went (<c>client_gone</c>).</summary>
    ClientGone,

    /// <summary>The client was silent, or too slow, until a limit of the proxy ended the session (<c>client_silent</c>).</summary>
    ClientSilent,

    /// <summary>The proxy was stopping (<c>shutdown</c>).</summary>
    Shutdown,

    /// <summary>The proxy may not let it pass: TLS or identity is required, and neither can be seen (<c>guard</c>).</summary>
    Guard,

    /// <summary>How it went on could not be seen (<c>unseen</c>).</summary>
    Unseen,
}

/// <summary>Names of causes, and which of them there are where.</summary>
internal static class AttemptCauses
{
    /// <summary>Causes of attempts that came to no transaction: none of them is the client's.</summary>
    public static readonly AttemptCause[] Unserved = [.. Enum.GetValues<AttemptCause>().Where(static c => c <= AttemptCause.Fault)];

    /// <summary>Causes of transactions that were aborted.</summary>
    public static readonly AttemptCause[] Aborted =
        [.. Enum.GetValues<AttemptCause>()
            .Where(static c => c is not (AttemptCause.ConnectFailed or AttemptCause.Drained or AttemptCause.Deferred
                or AttemptCause.Limit))];

    public static string Of(AttemptCause cause) => cause switch
    {
        AttemptCause.ConnectFailed => "connect_failed",
        AttemptCause.Drained => "drained",
        AttemptCause.Deferred => "deferred",
        AttemptCause.RelayGone => "relay_gone",
        AttemptCause.RelaySilent => "relay_silent",
        AttemptCause.GaveUp => "gave_up",
        AttemptCause.Limit => "limit",
        AttemptCause.Fault => "fault",
        AttemptCause.ClientGone => "client_gone",
        AttemptCause.ClientSilent => "client_silent",
        AttemptCause.Shutdown => "shutdown",
        AttemptCause.Guard => "guard",
        _ => "unseen",
    };
}
