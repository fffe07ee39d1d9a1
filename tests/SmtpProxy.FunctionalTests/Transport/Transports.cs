using Microsoft.Extensions.Logging;
using SmtpProxy.Transport;
using SmtpProxy.Transport.Selection;

namespace SmtpProxy.FunctionalTests.Transport;

/// <summary>The transports by name. One that this system does not have skips the test.</summary>
internal static class Transports
{
    public static IEnumerable<string> Names => [nameof(TransportKind.Portable), nameof(TransportKind.Epoll)];

    public static ITransport Open(string name, ILoggerFactory loggers)
    {
        var kind = Enum.Parse<TransportKind>(name);
        Skip.If(kind == TransportKind.Epoll && !OperatingSystem.IsLinux(), "epoll is a part of Linux");
        return TransportFactory.Create(kind, loggers);
    }
}
