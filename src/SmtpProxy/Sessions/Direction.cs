using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Sessions;

/// <summary>One direction of a session's forwarding.</summary>
internal sealed class Direction(Leg from)
{
    /// <summary>The leg that is read.</summary>
    public Leg From { get; } = from;

    /// <summary>The leg that is written.</summary>
    public Leg To { get; } = from.Other();

    /// <summary>Whether octets have passed.</summary>
    public bool Used { get; set; }

    /// <summary>The written leg does not take octets, so the read one is paused.</summary>
    public bool Blocked { get; set; }

    /// <summary>What was unsent when a blocked leg was last looked at.</summary>
    public int UnsentAtLastLook { get; set; }

    /// <summary>How it ended, if it did.</summary>
    public EndKind? EndedBy { get; set; }
}
