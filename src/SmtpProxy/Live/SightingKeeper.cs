using System.Collections.Concurrent;
using SmtpProxy.Telemetry.Records;

namespace SmtpProxy.Live;

/// <summary>Finished sessions on their way from the loops to the store: handed over without a lock, and never waited for. What there is no
/// room for is counted as skipped.</summary>
internal sealed class SightingKeeper(LiveOptions options) : IRecordKeeper, IDisposable
{
    /// <summary>Records a second, for each that is kept: the rest is looked at for clients.</summary>
    private const int Looked = 10;

    private const int Most = 4096;
    private readonly ConcurrentQueue<(SessionRecord Record, RecordPool Pool)> _waiting = new();
    private readonly SemaphoreSlim _come = new(0);
    private readonly Allowance _opened = new(options.MaxPerSecond * Looked);
    private int _count;
    private int _isAwaited;
    private long _skipped;

    /// <summary>Sessions that ended without being looked at.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    public bool Wants(long at)
    {
        if (_opened.TryTake(at))
        {
            return true;
        }

        Skip();
        return false;
    }

    public void Take(SessionRecord record, RecordPool pool)
    {
        if (Interlocked.Increment(ref _count) > Most)
        {
            Interlocked.Decrement(ref _count);
            Skip();
            pool.Return(record);
            return;
        }

        _waiting.Enqueue((record, pool));
        if (Interlocked.Exchange(ref _isAwaited, 0) == 1)
        {
            _come.Release();
        }
    }

    /// <summary>Returns a record that waits, with the pool that it goes back to.</summary>
    public bool TryRead(out (SessionRecord Record, RecordPool Pool) next)
    {
        if (!_waiting.TryDequeue(out next))
        {
            return false;
        }

        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Waits until there is something to read. For one reader.</summary>
    public Task WaitAsync(CancellationToken cancel)
    {
        Volatile.Write(ref _isAwaited, 1);
        Interlocked.MemoryBarrier();
        if (!_waiting.IsEmpty && Interlocked.Exchange(ref _isAwaited, 0) == 1)
        {
            return Task.CompletedTask;
        }

        return _come.WaitAsync(cancel);
    }

    public void Dispose() => _come.Dispose();

    private void Skip() => Interlocked.Increment(ref _skipped);
}
