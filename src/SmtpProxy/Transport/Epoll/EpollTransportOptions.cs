using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>Options of <see cref="EpollTransport"/>.</summary>
public sealed record EpollTransportOptions
{
    /// <summary>Loops, each with its own thread. One per core is right: a pair stays on its loop, and a loop never waits for
    /// anything but the kernel.</summary>
    public int Loops { get; init; } = Environment.ProcessorCount;

    /// <summary>Octets read at once, per loop. The buffer is shared by all pairs of a loop.</summary>
    public int ReadBuffer { get; init; } = Portion.Largest;
}
