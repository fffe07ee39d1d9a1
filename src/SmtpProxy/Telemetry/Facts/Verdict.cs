namespace SmtpProxy.Telemetry.Facts;

/// <summary>How a transaction ended, for who asks whether mail flows: <c>smtpproxy.outcome</c> of transactions.</summary>
internal enum Verdict : byte
{
    /// <summary>The relay took the message.</summary>
    Accepted,

    /// <summary>The relay refused it for now (4yz).</summary>
    Tempfail,

    /// <summary>The relay refused it for good (5yz).</summary>
    Permfail,

    /// <summary>The relay took it for some of its recipients (LMTP, PRDR).</summary>
    Partial,

    /// <summary>The client withdrew it in good order, without having been refused.</summary>
    Reset,

    /// <summary>The connection, or what the proxy could see of it, ended before the reply.</summary>
    Aborted,
}
