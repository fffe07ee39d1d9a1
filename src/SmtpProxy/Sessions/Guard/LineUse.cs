namespace SmtpProxy.Sessions.Guard;

/// <summary>What is done with the line that the client is in.</summary>
internal enum LineUse
{
    /// <summary>None has begun, or what there is of it waits.</summary>
    Unknown,

    /// <summary>Its beginning is with the relay, and its end will be.</summary>
    Passes,

    /// <summary>It is complete, and may be the proxy's to answer.</summary>
    Judged,

    /// <summary>It is too long to wait, and goes nowhere.</summary>
    Swallowed,
}
