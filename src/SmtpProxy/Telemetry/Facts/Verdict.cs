namespace SmtpProxy.Telemetry.Facts;

/// <summary><c>smtpproxy.outcome</c> of transactions.</summary>
internal enum Verdict : byte
{
    /// <summary>The relay took the message.</summary>
    Accepted,

    /// <summary>It refused for now (4yz).</summary>
    Tempfail,

    /// <summary>It refused for good (5yz).</summary>
    Permfail,

    /// <summary>It took it for some of its recipients (LMTP, PRDR).</summary>
    Partial,

    /// <summary>The client withdrew it in good order, without having been refused.</summary>
    Reset,

    /// <summary>The connection, or what we could see of it, ended before an answer.</summary>
    Aborted,
}
