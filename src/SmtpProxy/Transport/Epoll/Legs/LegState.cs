namespace SmtpProxy.Transport.Epoll.Legs;

/// <summary>What is known about a leg's connection.</summary>
[Flags]
internal enum LegState : ushort
{
    None = 0,

    /// <summary>The connection is not established yet.</summary>
    Connecting = 1 << 0,

    /// <summary>The kernel may have octets, or an end, for us. Edge-triggered: set by an event, cleared by reading all there is.</summary>
    Readable = 1 << 1,

    /// <summary>The kernel may take octets again.</summary>
    Writable = 1 << 2,

    /// <summary>The peer ended or the connection broke: no further edge comes, so read until the kernel says so.</summary>
    HungUp = 1 << 3,

    /// <summary>An error or the end of both directions was reported, and has not been looked at.</summary>
    Suspect = 1 << 4,

    /// <summary>The session does not want octets.</summary>
    Paused = 1 << 5,

    /// <summary>The inbound direction is over by FIN.</summary>
    Ended = 1 << 6,

    /// <summary>FIN follows what is unsent.</summary>
    ShutAsked = 1 << 7,

    /// <summary>FIN was sent.</summary>
    ShutDone = 1 << 8,

    /// <summary>The kernel refused octets for good. What it still has for us is read before the end is reported.</summary>
    WriteFailed = 1 << 9,

    /// <summary>While splicing: octets come fast enough that a pipe is cheaper than a copy.</summary>
    Bulk = 1 << 10,

    /// <summary>This connection cannot be spliced.</summary>
    CopyOnly = 1 << 11,

    /// <summary>An error or the end of both directions was reported at some time.</summary>
    Broken = 1 << 12,

    /// <summary>The wake-up that goes on told of octets where there were none before: they have come since the one before it.</summary>
    Fresh = 1 << 13,
}
