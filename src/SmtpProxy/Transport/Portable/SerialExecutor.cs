using System.Diagnostics;
using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Portable;

/// <summary>What a pair has to look at.</summary>
[Flags]
internal enum Work
{
    None = 0,
    Accept = 1,
    Dial = 1 << 1,
    Signal = 1 << 2,
    Timer = 1 << 3,
    Sent = 1 << 4,
    Input = 1 << 5,
    Dispose = 1 << 6,
    Busy = 1 << 30,
}

/// <summary>
/// Runs the work of one session, never two pieces at a time. What is asked for while it runs is a flag that the running thread
/// looks at again, so nothing queues and nobody waits; the memory order is that of the flag's interlocked exchange.
/// </summary>
internal sealed class SerialExecutor(Action<Work> handle) : IThreadPoolWorkItem
{
    private int _work;
    private bool _later;

    /// <summary>Asks for work and does it on this thread, unless another does it already. For the completion of an operation of the
    /// session, which is on a thread of the pool with nothing else to do.</summary>
    public void Wake(Work what)
    {
        if (Claim(what))
        {
            Run();
        }
    }

    /// <summary>Asks for work from a thread that has other things to do.</summary>
    public void Post(Work what)
    {
        if (Claim(what))
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Called by a piece of work: there is more to do, after what already waits for a thread of the pool.</summary>
    public void GoOnLater(Work what)
    {
        Interlocked.Or(ref _work, (int)what);
        _later = true;
    }

    void IThreadPoolWorkItem.Execute() => Run();

    private bool Claim(Work what) => ((Work)Interlocked.Or(ref _work, (int)(what | Work.Busy)) & Work.Busy) == 0;

    private void Run()
    {
        var end = Stopwatch.GetTimestamp() + Turn.Ticks;
        while (true)
        {
            var work = (Work)Interlocked.Exchange(ref _work, (int)Work.Busy) & ~Work.Busy;
            if (work != Work.None)
            {
                handle(work);
            }

            if (!_later && Interlocked.CompareExchange(ref _work, 0, (int)Work.Busy) == (int)Work.Busy)
            {
                return;
            }

            if (_later || Stopwatch.GetTimestamp() >= end)
            {
                // A session can ask itself for more without end, and others wait for the thread.
                // Nobody else can begin meanwhile: the claim stands.
                _later = false;
                BusyRow.Add(this);
                return;
            }
        }
    }
}
