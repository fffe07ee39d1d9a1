using System.Diagnostics;

namespace SmtpProxy.Transport.Resources;

/// <summary>How long one pair may keep a loop, or a thread of the pool, while others wait: a quarter of a millisecond. A session of one
/// mail passes its loop some twenty times, and each time it may find one or two turns under way: all of them come to some 5 ms,
/// which is a timer's accuracy.</summary>
internal static class Turn
{
    /// <summary>In ticks of <see cref="Stopwatch"/>.</summary>
    internal static readonly long Ticks = Stopwatch.Frequency / 4000;

    /// <summary>What either leg of a pair may take of that, so that both have theirs.</summary>
    internal static readonly long OfALeg = Ticks / 2;

    /// <summary>Above this a turn is long. A command and its reply take less; where many pairs have something to do, one whose turns are
    /// long lets the others go first.</summary>
    internal static readonly long Long = Ticks / 2;
}
