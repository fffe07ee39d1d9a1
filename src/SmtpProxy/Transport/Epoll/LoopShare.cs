using SmtpProxy.Transport.Resources;

namespace SmtpProxy.Transport.Epoll;

/// <summary>What a pair has had of its loop lately: all its turns, less what everybody may have at any time. A session of one mail takes
/// a third of a millisecond in all, and a handshake of TLS more in one turn. It is counted where many have something to do.</summary>
internal struct LoopShare
{
    /// <summary>Of so much time a pair may have a part, and none of it is held against it: the 512th.</summary>
    private const int EveryonesShift = 9;

    /// <summary>Who has had no more is as good as one who has had nothing.</summary>
    private static readonly long s_little = Turn.Ticks;

    /// <summary>Who has had more lets others go first.</summary>
    private static readonly long s_few = 2 * Turn.Ticks;

    /// <summary>More is not remembered: who has sent a large message would wait until all others have had as much.</summary>
    private static readonly long s_most = 12 * Turn.Ticks;

    private long _had;

    /// <summary>Its last turn was long, or all of them were.</summary>
    internal bool IsSlow { get; private set; }

    /// <summary>Its place among those who wait: the least is first. Of those who have had little, that is who came first; who has had
    /// more is before them when it has waited for long enough.</summary>
    /// <param name="now">In ticks.</param>
    internal readonly long Order(long now)
    {
        long nothing = now >> EveryonesShift;
        return _had - nothing > s_little ? _had : nothing;
    }

    /// <summary>It has had a turn.</summary>
    /// <param name="now">When it ended, in ticks.</param>
    /// <param name="took">How long it was.</param>
    internal void Count(long now, long took)
    {
        long nothing = now >> EveryonesShift;
        // Who was interrupted in its turn, by the collector perhaps, took no more of it than others do.
        _had = Math.Min(Math.Max(_had, nothing) + Math.Min(took, Turn.Ticks), nothing + s_most);
        IsSlow = took > Turn.Long || _had - nothing > s_few;
    }
}
