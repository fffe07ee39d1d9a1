using System.Diagnostics;

namespace SmtpProxy.Live;

/// <summary>Allows so many things a second. Thread-safe without a lock: where seconds change while several ask, a
/// few more may be allowed.</summary>
internal sealed class Allowance(int perSecond)
{
    private long _second;
    private int _taken;

    /// <summary>Takes some: the last who gets any gets all that it asks for. Returns false when this second's are taken.</summary>
    /// <param name="at">Now, in ticks of the monotonic clock.</param>
    /// <param name="count">How many.</param>
    public bool TryTake(long at, int count = 1)
    {
        var (second, known) = (at / Stopwatch.Frequency, Volatile.Read(ref _second));
        if (second > known && Interlocked.CompareExchange(ref _second, second, known) == known)
        {
            Volatile.Write(ref _taken, 0);
        }

        return Volatile.Read(ref _taken) < perSecond && Interlocked.Add(ref _taken, count) - count < perSecond;
    }
}
