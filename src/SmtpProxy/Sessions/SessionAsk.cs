namespace SmtpProxy.Sessions;

/// <summary>What other threads, and who stands before it, may ask of a session.</summary>
internal enum SessionAsk
{
    /// <summary>End gracefully.</summary>
    Drain = 1,

    /// <summary>Rules of faults changed; for whoever stands between the session and its pair.</summary>
    LookAtFaults,

    /// <summary>End: TLS is required, and the dialogue that should lead there cannot be followed.</summary>
    EndInsecure,

    /// <summary>The same, where no reply can stand: the client has been given half a line.</summary>
    EndInsecureSilently,

    /// <summary>End: the client seems to speak for others, in a dialogue that cannot be followed.</summary>
    EndUnidentified,
}
