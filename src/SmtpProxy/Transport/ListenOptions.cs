namespace SmtpProxy.Transport;

/// <summary>Options of a listener.</summary>
public sealed record ListenOptions
{
    /// <summary>Descriptors that a session needs: one for its client's connection, one for its relay's.</summary>
    public const int PerSession = 2;

    /// <summary>Connections that wait to be accepted.</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>Lets other processes with the same option listen on the same address and port; the kernel shares connections out among them
    /// (<c>SO_REUSEPORT</c>). Linux only.</summary>
    public bool ReusePort { get; init; }

    /// <summary>Takes connections to addresses that are not this machine's, which a TPROXY rule sends here (<c>IP_TRANSPARENT</c>, Linux,
    /// CAP_NET_ADMIN); a pair's local address is then where its client wanted to go.</summary>
    public bool Transparent { get; init; }

    /// <summary>Who may connect to a Unix-domain socket with a path; null: what the process's umask leaves.</summary>
    public UnixFileMode? Mode { get; init; }

    /// <summary>Descriptors that a session of this listener has at most.</summary>
    public int Descriptors { get; init; } = PerSession;

    /// <summary>Sent to a client for which the process has no room, before its connection is closed; empty: nothing is sent.</summary>
    public ReadOnlyMemory<byte> TurnAway { get; init; }

    /// <summary>A descriptor that listens already, passed by the process that started this one. It is not bound again, and stopping leaves
    /// the owner's copy as it is. The address is then only a name for messages.</summary>
    public int? Inherited { get; init; }
}
