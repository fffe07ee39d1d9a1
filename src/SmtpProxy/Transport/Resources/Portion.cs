namespace SmtpProxy.Transport.Resources;

/// <summary>
/// How many octets of a leg its session is shown at once: as many as it deals with in the leg's part of a <see cref="Turn"/>. What 64 KiB
/// cost depends on what they are: text of a message costs next to nothing, 32,000 empty lines a great deal, for each is replied to, and
/// the other sessions of the loop wait meanwhile.
/// </summary>
internal struct Portion
{
    /// <summary>The least: some 20 commands without arguments, or five changes of a TLS key, which take no more than half of a leg's
    /// part.</summary>
    internal const int Smallest = 128;

    /// <summary>A message of 50 MB takes fewer calls and fewer wake-ups of the relay with larger reads (docs/performance.md has the
    /// figures). What the relay does not take of one waits in memory, and is the most that does.</summary>
    internal const int Largest = 128 * 1024;

    /// <summary>Nobody knows yet what they cost: 680 commands would take several turns, and a message doubles it at once.</summary>
    private const int First = 4 * 1024;

    /// <summary>What ordinary commands stay below, and what no leg can spend much more than its part on.</summary>
    private const int Few = 512;

    private int _octets = First;

    public Portion()
    {
    }

    /// <summary>How many octets to show next; the least where the memory for octets that wait is used up. A leg whose peer has taken
    /// everything is read even then, for the peer may take more, and where it does not, this is what the leg adds to memory that is
    /// over its limit already.</summary>
    internal readonly int Octets => QueueMemory.IsExhausted ? Smallest : _octets;

    /// <summary>Whether it matters how long so many octets took. Few octets are not worth a look at the clock, unless they are all that the
    /// leg may have: one that was interrupted by another process once would have no more than that for ever.</summary>
    internal readonly bool Judges(int count) => count > Few || count >= _octets;

    /// <summary>The session was shown so many octets, and took so long, in ticks.</summary>
    internal void Took(int count, long ticks)
    {
        if (ticks > Turn.OfALeg)
        {
            _octets = (int)Math.Clamp(count * Turn.OfALeg / ticks, Smallest, _octets);
        }
        else if (count >= _octets && ticks < Turn.OfALeg / 2)
        {
            _octets = Math.Min(Largest, 2 * _octets);
        }
    }
}
