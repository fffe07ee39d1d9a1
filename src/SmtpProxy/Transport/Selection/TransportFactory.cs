using SmtpProxy.Transport.Epoll;
using SmtpProxy.Transport.Portable;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Selection;

/// <summary>Makes the transport that the configuration asks for.</summary>
public static class TransportFactory
{
    /// <summary>Creates the transport of the process. Its owner disposes it.</summary>
    /// <param name="kind">Which one.</param>
    /// <param name="loggers">Where it logs what sessions cannot: failures of accepting, exceptions of handlers.</param>
    /// <param name="budget">What all connections may have; null: no bound.</param>
    /// <param name="lagged">Told the transport's name and for how many ticks what had come waited for it: samples, from any
    /// thread; null: nobody asks.</param>
    /// <exception cref="PlatformNotSupportedException">This system cannot run the transport that was asked for.</exception>
    public static ITransport Create(TransportKind kind, ILoggerFactory loggers, ConnectionBudget? budget = null,
        Action<string, long>? lagged = null)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        budget ??= new ConnectionBudget();
        return kind == TransportKind.Epoll || (kind == TransportKind.Auto && EpollTransport.IsSupported)
            ? new EpollTransport(new EpollTransportOptions(), loggers.CreateLogger<EpollTransport>(), budget,
                ticks => lagged?.Invoke("epoll", ticks))
            : new PortableTransport(loggers, budget, ticks => lagged?.Invoke("portable", ticks));
    }
}
