namespace SmtpProxy.Sessions.Pipeline;

/// <summary>What may be asked of a session: from other threads, or by a part of it that cannot go on.</summary>
internal enum SessionSignal
{
    /// <summary>End gracefully.</summary>
    Drain = 1,

    /// <summary>Rules of faults changed.</summary>
    LookAtFaults,

    /// <summary>The fleet has answered what faults asked it.</summary>
    FaultsDecided,

    /// <summary>What was left of a turn of the loop goes on.</summary>
    Continue,

    /// <summary>End: TLS is required, and the dialogue that should lead there cannot be followed.</summary>
    EndInsecure,

    /// <summary>The same, where no reply can stand: the client has been given half a line.</summary>
    EndInsecureSilently,

    /// <summary>End: the client seems to speak for others, in a dialogue that cannot be followed.</summary>
    EndUnidentified,
}
