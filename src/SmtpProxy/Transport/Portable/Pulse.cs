using System.Diagnostics;

namespace SmtpProxy.Transport.Portable;

/// <summary>
/// Knows whether the process, or its pool of threads, may have stood still a moment ago: a timer that beats on the pool is overdue, or was.
/// Then, and only then, it pays to ask the kernel when what is being read had come. Beats while there are pairs. Thread-safe.
/// </summary>
/// <param name="lagged">Told how late each beat was, in ticks.</param>
/// <param name="isNeeded">Whether there are pairs.</param>
internal sealed class Pulse(Action<long> lagged, Func<bool> isNeeded) : IDisposable
{
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(20);
    private static readonly long s_ticks = Stopwatch.Frequency / 50;

    private readonly Lock _gate = new();
    private Timer? _timer;
    private long _last = long.MaxValue;
    private long _until;
    private bool _beats;
    private bool _disposed;

    /// <summary>Whether what is read at this time may have come a while ago.</summary>
    public bool MayBeLate(long now) => now - Volatile.Read(ref _last) > s_ticks + (s_ticks / 2) || now < Volatile.Read(ref _until);

    /// <summary>There is a pair: it beats.</summary>
    public void GoOn()
    {
        if (!Volatile.Read(ref _beats))
        {
            Set(beats: true);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Set(bool beats)
    {
        lock (_gate)
        {
            if (_disposed || _beats == beats)
            {
                return;
            }

            Volatile.Write(ref _last, beats ? Stopwatch.GetTimestamp() : long.MaxValue);
            Volatile.Write(ref _beats, beats);
            _timer ??= new Timer(static pulse => ((Pulse)pulse!).Beat(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(beats ? s_beat : Timeout.InfiniteTimeSpan, beats ? s_beat : Timeout.InfiniteTimeSpan);
        }
    }

    private void Beat()
    {
        var (now, last) = (Stopwatch.GetTimestamp(), Volatile.Read(ref _last));
        if (now < last)
        {
            return;
        }

        var lag = Math.Max(0, now - last - s_ticks);
        if (lag > s_ticks / 2)
        {
            // Threads that were as late as this one are about to read.
            Volatile.Write(ref _until, now + (5 * s_ticks));
        }

        Volatile.Write(ref _last, now);
        lagged(lag);
        if (!isNeeded())
        {
            Set(beats: false);
            if (isNeeded())
            {
                GoOn();
            }
        }
    }
}
