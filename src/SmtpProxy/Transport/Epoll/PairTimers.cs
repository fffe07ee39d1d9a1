using System.Runtime.CompilerServices;

namespace SmtpProxy.Transport.Epoll;

/// <summary>The deadlines of one pair, in ticks of <see cref="System.Diagnostics.Stopwatch"/>; <see cref="Never"/> where none is set.</summary>
internal struct PairTimers
{
    internal const long Never = long.MaxValue;

    /// <summary>The dial's own deadline, behind those of <see cref="PairTimer"/>.</summary>
    internal const int Dial = (int)PairTimer.Spare + 1;

    internal const int Count = Dial + 1;

    private Deadlines _deadlines;

    public PairTimers() => ((Span<long>)_deadlines).Fill(Never);

    internal long this[int timer]
    {
        readonly get => _deadlines[timer];
        set => _deadlines[timer] = value;
    }

    /// <summary>The earliest deadline.</summary>
    internal readonly long Next
    {
        get
        {
            long next = Never;
            foreach (long deadline in (ReadOnlySpan<long>)_deadlines)
            {
                next = Math.Min(next, deadline);
            }

            return next;
        }
    }

    [InlineArray(Count)]
    private struct Deadlines
    {
        private long _first;
    }
}
