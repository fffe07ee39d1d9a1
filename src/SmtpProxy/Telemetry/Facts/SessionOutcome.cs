namespace SmtpProxy.Telemetry.Facts;

/// <summary>How a session ended: <c>smtpproxy.outcome</c> of sessions and the journal's <c>outcome</c>.</summary>
public enum SessionOutcome : byte
{
    /// <summary>QUIT was answered 2yz (<c>quit</c>).</summary>
    Quit,

    /// <summary>The client went first (<c>client_gone</c>).</summary>
    ClientGone,

    /// <summary>The relay went first (<c>relay_gone</c>).</summary>
    RelayGone,

    /// <summary>A time limit of the proxy ran out (<c>timeout</c>).</summary>
    Timeout,

    /// <summary>Turned away by a limit of the proxy, or by the relay's greeting, which was 4yz or 5yz (<c>refused</c>).</summary>
    Refused,

    /// <summary>No relay could be reached (<c>connect_failed</c>).</summary>
    ConnectFailed,

    /// <summary>The proxy ended it because it was stopping (<c>shutdown</c>).</summary>
    Shutdown,

    /// <summary>Ended by an armed fault (<c>fault</c>).</summary>
    Fault,
}
