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

    /// <summary>A limit of ours on time ran out (<c>timeout</c>).</summary>
    Timeout,

    /// <summary>Turned away: by a cap of ours, or the relay's greeting was 4yz/5yz (<c>refused</c>).</summary>
    Refused,

    /// <summary>No relay could be reached (<c>connect_failed</c>).</summary>
    ConnectFailed,

    /// <summary>Ended by our drain (<c>shutdown</c>).</summary>
    Shutdown,

    /// <summary>Ended by an armed fault (<c>fault</c>).</summary>
    Fault,
}
