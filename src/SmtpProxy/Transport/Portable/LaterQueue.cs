using System.Collections.Concurrent;

namespace SmtpProxy.Transport.Portable;

/// <summary>Pairs whose next piece of work takes long, in order. The pool's threads take what they are given in the order in which it comes: thirty handshakes
/// before a line of somebody else make it wait for all of them. So only half of the cores do such work at a time, and after each piece of it the thread
/// goes to the end of the pool's queue. Thread-safe.</summary>
internal sealed class LaterQueue : IThreadPoolWorkItem
{
    private static readonly int _most = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly ConcurrentQueue<SerialExecutor> _waiting = new();
    private int _threads;

    /// <summary>Adds a pair; its executor is woken with <see cref="Work.Later"/>.</summary>
    public void Add(SerialExecutor pair)
    {
        _waiting.Enqueue(pair);
        Begin();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_waiting.TryDequeue(out var pair))
        {
            pair.Wake(Work.Later);
        }

        Interlocked.Decrement(ref _threads);
        Begin();
    }

    /// <summary>Takes another thread if something waits and there may be one more. Whoever has the last one looks again when it gives it back.</summary>
    private void Begin()
    {
        for (var threads = Interlocked.CompareExchange(ref _threads, 0, 0); threads < _most && !_waiting.IsEmpty;)
        {
            var before = Interlocked.CompareExchange(ref _threads, threads + 1, threads);
            if (before == threads)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            threads = before;
        }
    }
}
