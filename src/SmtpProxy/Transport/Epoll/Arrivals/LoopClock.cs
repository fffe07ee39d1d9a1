using System.Diagnostics;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll.Arrivals;

/// <summary>
/// The time on a loop, in ticks of <see cref="Stopwatch"/>: when what is being handled was taken from the kernel, and when it had come
/// there. The loop may have been busy in between, or the whole process stopped, starved or compiling: that time is the proxy's. Where it
/// can be much, the kernel's own stamp on the octets tells (<c>SO_TIMESTAMPNS</c>, socket(7)); where it cannot, the wake-up that brought
/// their event is when they came.
/// </summary>
/// <param name="now">The present.</param>
/// <param name="offset">What the wall clock, by which the kernel stamps, shows more than this one. Both are in
/// nanoseconds, as ticks are on Linux.</param>
internal struct LoopClock(long now, long offset)
{
    /// <summary>Less than this is not worth a stamp: 1 ms.</summary>
    private static readonly long s_notable = Stopwatch.Frequency / 1000;

    private long _complete = now;
    private long _sampled = now;
    private long _offset = offset;

    /// <summary>When what is being handled was taken from the kernel.</summary>
    internal long Now { get; private set; } = now;

    /// <summary>When it had come there, as far as that is known; never after <see cref="Now"/>.</summary>
    internal long Arrived { get; private set; } = now;

    /// <summary>When the loop woke up last.</summary>
    internal long Woke { get; private set; } = now;

    /// <summary>When the loop last took note of everything that the kernel had, before this wake-up: what it takes note
    /// of now came after that.</summary>
    internal long Before { get; private set; } = now;

    /// <summary>Whether octets that have just been noted may have waited so long that it pays to ask when they came.</summary>
    internal readonly bool MayBeLate => Now - Before >= s_notable;

    /// <summary>The same of an event without octets, for which the kernel has no stamp but a count in steps of up to
    /// 10 ms (<c>TCP_INFO</c>).</summary>
    internal readonly bool MayBeVeryLate => Now - Before > TcpInfo.Coarse;

    /// <summary>Whether the wait of the next octets is to be measured: once a millisecond at most, however busy the loop is.</summary>
    internal readonly bool IsSampleDue => Woke - _sampled >= s_notable;

    /// <summary>The loop wakes up.</summary>
    /// <param name="at">When.</param>
    /// <param name="tookAll">Whether it has taken note of everything that the kernel has: not where it was
    /// interrupted, or had no more room.</param>
    internal void WakeUp(long at, bool tookAll)
    {
        Before = _complete;
        (Now, Arrived, Woke) = (at, at, at);
        if (tookAll)
        {
            _complete = at;
        }
    }

    /// <summary>Something was taken from the kernel.</summary>
    internal void Take(long at) => Arrived = Now = at;

    /// <summary>The octets that were taken last had been noted in this wake-up, and have no stamp.</summary>
    internal void Noted() => Arrived = Math.Min(Now, Woke);

    /// <summary>The octets that were taken last had been noted in this wake-up, and have a stamp.</summary>
    /// <param name="stamp">When the kernel got the last of them, on the wall clock, in nanoseconds; 0: it does not say.</param>
    /// <param name="wall">The wall clock now.</param>
    internal void Stamped(long stamp, long wall)
    {
        var ahead = wall - Now;
        var isSteady = Math.Abs(ahead - _offset) < s_notable;
        _offset = ahead;
        if (stamp == 0 || !isSteady)
        {
            // Somebody set the wall clock: what was stamped before that says nothing now.
            Noted();
            return;
        }

        Arrived = Math.Clamp(Now - (wall - stamp), Math.Min(Before, Now), Now);
    }

    /// <summary>What was taken last is no octets, and the kernel knows for how long it has been there.</summary>
    /// <param name="age">Ticks; below 0: it does not know.</param>
    internal void Aged(long age) => Arrived = age <= 0 ? Now : Math.Clamp(Now - age, Math.Min(Before, Now), Now);

    /// <summary>It has been handled.</summary>
    internal void Handled() => Arrived = Now;

    /// <summary>Takes how long the octets that were taken last had waited; the next sample is due a millisecond later.</summary>
    internal long TakeSample()
    {
        _sampled = Woke;
        return Now - Arrived;
    }
}
