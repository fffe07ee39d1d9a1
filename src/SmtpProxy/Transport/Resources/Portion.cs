using System.Diagnostics;

namespace SmtpProxy.Transport.Resources;

/// <summary>
/// How many octets of a leg its session is shown at once: as many as it deals with in a moment. What 64 KiB cost depends on what they are: as text
/// of a message next to nothing, as 32,000 empty lines of which each is answered a great deal, and all other sessions of the loop wait for it.
/// </summary>
internal struct Portion
{
    /// <summary>The least, and what is not worth a look at the clock.</summary>
    internal const int Smallest = 2 * 1024;

    private const int First = 16 * 1024;
    private const int Largest = 64 * 1024;

    private static readonly long s_moment = Stopwatch.Frequency / 2000;

    private int _octets = First;

    public Portion()
    {
    }

    /// <summary>How many octets to show next.</summary>
    internal readonly int Octets => _octets;

    /// <summary>The session was shown so many octets, and took so long, in ticks.</summary>
    internal void Took(int count, long ticks)
    {
        if (ticks > s_moment)
        {
            _octets = (int)Math.Clamp(count * s_moment / ticks, Smallest, _octets);
        }
        else if (count >= _octets && ticks < s_moment / 4)
        {
            _octets = Math.Min(Largest, 2 * _octets);
        }
    }
}
