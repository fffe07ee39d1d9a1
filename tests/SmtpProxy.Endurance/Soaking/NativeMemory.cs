using System.Globalization;

namespace SmtpProxy.Endurance.Soaking;

/// <summary>
/// What a process holds besides its managed heap: malloc's memory, stacks, and compiled code. The heap itself is measured by what of it can
/// be reached; how much of the rest of it is resident depends on when the collector last gave some back, and comes and goes by tens of MiB.
/// </summary>
internal static class NativeMemory
{
    /// <summary>Octets that are resident, in no file, and outside the range that the collector reserved: the largest there is.</summary>
    public static long OctetsOf(int process)
    {
        var (all, largest, octetsOfLargest) = (0L, 0UL, 0L);
        var (from, to, octets, isCounted) = (0UL, 0UL, 0L, false);
        foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/smaps")))
        {
            if (line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                var resident = isCounted ? long.Parse(line.AsSpan(4, line.Length - 7).Trim(), CultureInfo.InvariantCulture) * 1024 : 0;
                (all, octets) = (all + resident, octets + resident);
            }
            else if (char.IsAsciiHexDigitLower(line[0])
                && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var range, _, _, _, _, .. var name])
            {
                var bounds = range.Split('-');
                var next = ulong.Parse(bounds[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                // Neighbours without a file are one range, however its pages are protected.
                (from, octets) = next == to && name is [] && isCounted ? (from, octets) : (next, 0);
                to = ulong.Parse(bounds[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                isCounted = name is [] or [['[', ..], ..] or ["/memfd:doublemapper", ..];
            }

            if (isCounted && to - from >= largest)
            {
                (largest, octetsOfLargest) = (to - from, octets);
            }
        }

        return all - octetsOfLargest;
    }
}
