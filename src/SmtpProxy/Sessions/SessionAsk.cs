namespace SmtpProxy.Sessions;

/// <summary>What other threads may ask of a session.</summary>
internal enum SessionAsk
{
    /// <summary>End gracefully.</summary>
    Drain = 1,

    /// <summary>Rules of faults changed; for whoever stands between the session and its pair.</summary>
    LookAtFaults,
}
