using System.Collections.Concurrent;

namespace SmtpProxy.Transport.Portable;

/// <summary>
/// Whatever always has more to do, one after the other. Of all that are in this row as many as there are processors wait for a thread of
/// the pool: who has little to do waits for a turn of each of those, however many others send as fast as they can. Thread-safe.
/// </summary>
internal sealed class BusyRow : IThreadPoolWorkItem
{
    private static readonly BusyRow s_row = new();
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _waiting = new();
    private readonly int _most = Environment.ProcessorCount;
    private int _called;

    /// <summary>Puts one at the end; it is executed once.</summary>
    public static void Add(IThreadPoolWorkItem item)
    {
        s_row._waiting.Enqueue(item);
        s_row.Call();
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_waiting.TryDequeue(out var item))
        {
            item.Execute();
        }

        if (!_waiting.IsEmpty)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            return;
        }

        Interlocked.Decrement(ref _called);
        if (!_waiting.IsEmpty)
        {
            // It came after the look, by somebody who saw that enough were called.
            Call();
        }
    }

    /// <summary>Asks for a thread, unless enough are asked for.</summary>
    private void Call()
    {
        for (var called = Volatile.Read(ref _called); called < _most;)
        {
            var seen = Interlocked.CompareExchange(ref _called, called + 1, called);
            if (seen == called)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            called = seen;
        }
    }
}
