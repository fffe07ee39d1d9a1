using System.Net;

namespace SmtpProxy.Transport;

/// <summary>Accepts connections and drives their pairs on its loops. One for the process.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>What it is, for the log: <c>epoll</c> or <c>portable</c>.</summary>
    string Name { get; }

    /// <summary>Binds and listens; throws <see cref="TransportException"/> when the address cannot be bound.</summary>
    /// <param name="address">Where; port 0 takes a free one.</param>
    /// <param name="options">Backlog and socket options.</param>
    /// <param name="accept">Called on a loop for each connection: the handler of the new pair, which is told of its end by <see cref="IPairHandler.Closed"/>
    /// whatever happens; null: nobody wants the connection, and it is reset before it costs anything.</param>
    IListening Listen(EndPoint address, ListenOptions options, Func<Arrival, IPairHandler?> accept);

    /// <summary>Number of pairs that are not closed.</summary>
    int OpenPairs { get; }
}

/// <summary>A connection that was accepted and is nobody's yet.</summary>
/// <param name="Client">Where it comes from.</param>
/// <param name="Local">The address that it came to.</param>
/// <param name="At">When, in <see cref="System.Diagnostics.Stopwatch"/> ticks.</param>
public readonly record struct Arrival(EndPoint Client, EndPoint Local, long At);

/// <summary>A bound listener.</summary>
public interface IListening : IAsyncDisposable
{
    /// <summary>The address that was bound, with the real port.</summary>
    EndPoint Address { get; }

    /// <summary>Closes the listening socket; pairs that are open go on. Idempotent. Disposing does the same.</summary>
    void Stop();
}

/// <summary>Options of a listener.</summary>
public sealed record ListenOptions
{
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
    public int Descriptors { get; init; } = ConnectionBudget.PerSession;

    /// <summary>Said to whoever is turned away because the process has no room for another connection, before it is closed; empty: nothing is.</summary>
    public ReadOnlyMemory<byte> TurnAway { get; init; }

    /// <summary>A descriptor that listens already, from whoever started this process; it is not bound again, and stopping leaves its owner's copy as
    /// it is. The address is then only a name for messages.</summary>
    public int? Inherited { get; init; }
}

/// <summary>A listener could not be opened. The message names the address and the cause.</summary>
public sealed class TransportException(string message, Exception? inner = null) : Exception(message, inner);
