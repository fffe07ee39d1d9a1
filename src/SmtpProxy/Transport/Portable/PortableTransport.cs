using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

/// <summary>The transport for any system: <see cref="Socket"/>, System.IO.Pipelines and the thread pool.</summary>
internal sealed class PortableTransport : ITransport
{
    private readonly ILogger _log;
    private readonly ConnectionBudget _budget;
    private readonly Pulse _pulse;
    private readonly ConcurrentDictionary<long, PortablePair> _pairs = new();
    private readonly ConcurrentBag<PortableListener> _listeners = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Reminder _turnedAway = new();
    private int _openPairs;
    private volatile bool _isDisposed;

    public PortableTransport(ILoggerFactory loggers, ConnectionBudget budget, Action<long>? lagged = null)
    {
        (_log, _budget) = (loggers.CreateLogger<PortableTransport>(), budget);
        _pulse = new Pulse(lagged ?? (static _ => { }), () => OpenPairs > 0);
    }

    public string Name => "portable";

    public int OpenPairs => Volatile.Read(ref _openPairs);

    public IListening Listen(EndPoint address, ListenOptions options, Func<Arrival, IPairHandler?> accept)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var listener = new PortableListener(address, options, (client, listener) => Accept(client, listener, options, accept), _budget,
            _log);
        _listeners.Add(listener);
        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var pair in _pairs.Values)
        {
            pair.Abort();
        }

        if (OpenPairs > 0)
        {
            await _empty.Task.ConfigureAwait(false);
        }

        _pulse.Dispose();
    }

    private void Accept(Socket client, EndPoint listener, ListenOptions options, Func<Arrival, IPairHandler?> accept)
    {
        if (!_budget.TryEnter(options.Descriptors))
        {
            if (_turnedAway.IsDue())
            {
                TransportLog.TurningAway(_log, listener);
            }

            client.Blocking = false;
            // Nothing was sent to it yet, so that it fits; should it not, the connection is closed all the same.
            client.Send(options.TurnAway.Span, SocketFlags.None, out _);
            client.Dispose();
            return;
        }

        PortablePair pair;
        try
        {
            var arrival = new Arrival(Sockets.Remote(client), Sockets.Local(client), Stopwatch.GetTimestamp());
            if (accept(arrival) is not { } handler)
            {
                _budget.Leave(options.Descriptors);
                Refuse(client);
                return;
            }

            pair = new PortablePair(client, arrival, handler, pair => Closed(pair, options.Descriptors), _pulse, _log);
        }
        catch (Exception e)
        {
            _budget.Leave(options.Descriptors);
            TransportLog.NotServed(_log, e, listener);
            Refuse(client);
            return;
        }

        Interlocked.Increment(ref _openPairs);
        _pairs[pair.Id] = pair;
        _pulse.GoOn();
        pair.Start();
    }

    private static void Refuse(Socket client)
    {
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();
    }

    private void Closed(PortablePair pair, int descriptors)
    {
        _budget.Leave(descriptors);
        _pairs.TryRemove(pair.Id, out _);
        if (Interlocked.Decrement(ref _openPairs) == 0 && _isDisposed)
        {
            _empty.TrySetResult();
        }
    }
}
