using Microsoft.Extensions.Logging;

namespace SmtpProxy.Transport;

/// <summary>Makes the transport that the configuration asks for.</summary>
public static class TransportFactory
{
    /// <summary>Creates the transport of the process. Its owner disposes it.</summary>
    /// <param name="kind">Which one.</param>
    /// <param name="loggers">Where it logs what sessions cannot: failures of accepting, exceptions of handlers.</param>
    /// <exception cref="PlatformNotSupportedException">This system cannot run the transport that was asked for.</exception>
    public static ITransport Create(TransportKind kind, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        throw new PlatformNotSupportedException($"Transport {kind} is not available.");
    }
}
