using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>What a pair has had of its loop lately: all its turns, less what everybody may have at any time. A session of one mail takes
/// a third of a millisecond in all, and a handshake of TLS one more. It is counted where many have something to do.</summary>
internal struct LoopShare
{
    /// <summary>Of so much time a pair may have a part, and none of it is held against it: the 512th.</summary>
    private const int EveryonesShift = 9;

    /// <summary>Who has had more lets others go first.</summary>
    private static readonly long s_few = 2 * Turn.Ticks;

    /// <summary>More is not remembered: who has sent a large message would wait until all others have had as much.</summary>
    private static readonly long s_most = 12 * Turn.Ticks;

    private long _had;

    /// <summary>Its last turn was long, or all of them were.</summary>
    internal bool IsSlow { get; private set; }

    /// <summary>Its place among those who wait: the least is first. Who waits long enough is before all who come anew, for nobody begins
    /// with less than everybody's part.</summary>
    /// <param name="now">In ticks.</param>
    internal readonly long Order(long now) => Math.Max(_had, now >> EveryonesShift);

    /// <summary>It has had a turn.</summary>
    /// <param name="now">When it ended, in ticks.</param>
    /// <param name="took">How long it was.</param>
    internal void Count(long now, long took)
    {
        long nothing = now >> EveryonesShift;
        _had = Math.Min(Order(now) + took, nothing + s_most);
        IsSlow = took > Turn.Long || _had - nothing > s_few;
    }
}
