using System.Collections.Concurrent;
using SmtpProxy.Transport;

namespace SmtpProxy.Sink;

/// <summary>The sink's open sessions, and their end. Thread-safe.</summary>
internal sealed class SinkSessions
{
    private readonly ConcurrentDictionary<long, IPair> _pairs = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;

    /// <summary>Sessions that are open.</summary>
    public int Count => _pairs.Count;

    /// <summary>A session begins; false when none should.</summary>
    public bool Enter(IPair pair)
    {
        _pairs[pair.Id] = pair;
        return !_isStopping;
    }

    /// <summary>A session is closed.</summary>
    public void Leave(IPair pair)
    {
        _pairs.TryRemove(pair.Id, out _);
        CompleteIfEmpty();
    }

    /// <summary>Every session says 421 (RFC 5321 3.8) and closes; those that are left when the token is cancelled are reset.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _isStopping = true;
        Signal(SinkSession.Stop);
        CompleteIfEmpty();
        try
        {
            await _empty.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Signal(SinkSession.Cut);
        }
    }

    private void Signal(int what)
    {
        foreach (var pair in _pairs.Values)
        {
            pair.Signal(what);
        }
    }

    private void CompleteIfEmpty()
    {
        if (_isStopping && _pairs.IsEmpty)
        {
            _empty.TrySetResult();
        }
    }
}
