using System.Net;
using System.Runtime.InteropServices;
using SmtpProxy.Transport.Native;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>The transport for Linux: epoll loops that call the kernel directly. All work of a pair is done by one thread, from the read
/// through the session to the write, without queues, locks or continuations.</summary>
public sealed class EpollTransport : ITransport
{
    private readonly ConnectionBudget _budget;
    private readonly EpollLoop[] _loops;
    private readonly Lock _gate = new();
    private readonly List<EpollListening> _listenings = [];
    private bool _disposed;

    /// <summary>Starts the loops.</summary>
    /// <param name="options">How many loops, and their buffers.</param>
    /// <param name="logger">Where failures of accepting and exceptions of handlers go.</param>
    /// <param name="budget">What all connections may have.</param>
    /// <param name="lagged">Told for how many ticks octets had waited for a loop, up to a thousand times a second
    /// and loop; null: nobody asks.</param>
    /// <exception cref="PlatformNotSupportedException">This is not Linux on x64 or arm64.</exception>
    /// <exception cref="TransportException">The system has no descriptors left.</exception>
    public EpollTransport(EpollTransportOptions options, ILogger<EpollTransport> logger, ConnectionBudget budget,
        Action<long>? lagged = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Loops, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReadBuffer, 4096);
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException("The epoll transport needs Linux on x64 or arm64.");
        }

        _budget = budget;
        _loops = [.. Enumerable.Range(0, options.Loops)
            .Select(number => new EpollLoop(number, options.ReadBuffer, logger, budget, lagged ?? (static _ => { })))];
    }

    /// <summary>Whether this system can run it.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <inheritdoc/>
    public string Name => "epoll";

    /// <inheritdoc/>
    public int OpenPairs => _loops.Sum(loop => loop.OpenPairs);

    /// <inheritdoc/>
    public IListening Listen(EndPoint address, ListenOptions options, Func<Arrival, IPairHandler?> accept)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(accept);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int socket = ListeningSocket.Open(address, options);
            var listening = new EpollListening(socket, SocketName.Local(socket) ?? address, options, _loops, _budget, accept);
            _listenings.Add(listening);
            listening.Start();
            return listening;
        }
    }

    /// <summary>Stops listening, resets every pair and ends the loops. Completes when every descriptor is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        EpollListening[] listenings;
        lock (_gate)
        {
            _disposed = true;
            listenings = [.. _listenings];
            _listenings.Clear();
        }

        foreach (EpollListening listening in listenings)
        {
            listening.Stop();
        }

        await Task.WhenAll(_loops.Select(loop => loop.DisposeAsync().AsTask())).ConfigureAwait(false);
    }
}
