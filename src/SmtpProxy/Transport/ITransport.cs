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
    /// <param name="accept">Called on a loop for each connection: returns the handler of the new pair, whose
    /// <see cref="IPairHandler.Closed"/>
    /// is called whatever happens; null resets the connection before it costs anything.</param>
    IListening Listen(EndPoint address, ListenOptions options, Func<Arrival, IPairHandler?> accept);

    /// <summary>Number of pairs that are not closed.</summary>
    int OpenPairs { get; }
}
