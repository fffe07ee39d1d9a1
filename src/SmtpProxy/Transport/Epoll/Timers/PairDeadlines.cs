using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SmtpProxy.Transport.Epoll.Timers;

/// <summary>When the timers of one pair run out, in ticks of <see cref="Stopwatch"/>;
/// <see cref="TimerWheel.Never"/> where none is set.</summary>
internal struct PairDeadlines
{
    /// <summary>The dial's own deadline, after those of <see cref="PairTimer"/>.</summary>
    internal const int Dial = (int)PairTimer.Receipt + 1;

    /// <summary>How many there are.</summary>
    internal const int Count = Dial + 1;

    private static readonly double s_ticksPerTimeSpanTick = (double)Stopwatch.Frequency / TimeSpan.TicksPerSecond;

    private Deadlines _deadlines;

    public PairDeadlines() => ((Span<long>)_deadlines).Fill(TimerWheel.Never);

    /// <summary>The earliest of them.</summary>
    internal readonly long Next
    {
        get
        {
            long next = TimerWheel.Never;
            foreach (long deadline in (ReadOnlySpan<long>)_deadlines)
            {
                next = Math.Min(next, deadline);
            }

            return next;
        }
    }

    /// <summary>Sets one; a time below 0, or one that never comes, cancels it.</summary>
    /// <returns>When it runs out.</returns>
    internal long Set(int timer, TimeSpan after, long now)
    {
        long ticks = (long)(after.Ticks * s_ticksPerTimeSpanTick);
        return _deadlines[timer] = ticks < 0 || ticks > TimerWheel.Never - now ? TimerWheel.Never : now + ticks;
    }

    /// <summary>Forgets one.</summary>
    internal void Cancel(int timer) => _deadlines[timer] = TimerWheel.Never;

    /// <summary>Forgets one that has run out: of several, which a loop that was busy finds together, the earliest.</summary>
    /// <returns>Which; -1 where none has.</returns>
    internal int TakeDue(long now)
    {
        int earliest = 0;
        for (int timer = 1; timer < Count; timer++)
        {
            earliest = _deadlines[timer] < _deadlines[earliest] ? timer : earliest;
        }

        if (_deadlines[earliest] > now)
        {
            return -1;
        }

        Cancel(earliest);
        return earliest;
    }

    [InlineArray(Count)]
    private struct Deadlines
    {
        private long _first;
    }
}
