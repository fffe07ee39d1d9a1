using SmtpProxy.Transport.Epoll.Arrivals;
using SmtpProxy.Transport.Epoll.Legs;
using SmtpProxy.Transport.Native;

namespace SmtpProxy.Transport.Epoll;

/// <summary>Reads a leg so that it is known afterwards when the octets had come (<see cref="LoopClock.Arrived"/>), at no more cost than
/// that is worth: with the kernel's stamp where they may have waited for a millisecond, and once a millisecond
/// to see whether any did.</summary>
internal static unsafe class TimedRead
{
    /// <summary>One read.</summary>
    /// <returns>How many octets; 0 at the end of the stream; below 0 an <see cref="Errno"/> with its sign changed.</returns>
    internal static int Receive(EpollLoop loop, ref EpollLeg leg, byte* octets, int length)
    {
        // Octets that were there before this wake-up waited for their leg to be read again, and not for the loop.
        bool isFresh = leg.Has(LegState.Fresh) && !leg.HasPutBack;
        leg.State &= ~LegState.Fresh;
        bool isSample = isFresh && loop.Time.IsSampleDue;
        if (!isSample && !(isFresh && loop.Time.MayBeLate))
        {
            int few = leg.Receive(octets, length);
            loop.TakeTime();
            if (isFresh)
            {
                loop.Time.Noted();
            }

            return few;
        }

        int count = StampedRead.Receive(leg.Socket, octets, length, out long stamp);
        loop.TakeTime();
        loop.Time.Stamped(stamp, loop.Wall());
        if (isSample && count > 0)
        {
            loop.Lagged(loop.Time.TakeSample());
        }

        return count;
    }
}
