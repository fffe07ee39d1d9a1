using System.Globalization;
using SmtpProxy.Live;

namespace SmtpProxy.Admin.Sightings;

/// <summary>One page of sessions: open ones, those that began last first, and then finished ones, those that ended last first. A cursor
/// names the last session of a page: <c>o-ID</c> or <c>f-NUMBER</c>. What comes while somebody reads on is on none of
/// the pages after the first.</summary>
internal static class SightingPage
{
    /// <summary>Sessions of a page, and where the next begins; null: there is no more.</summary>
    public static (IReadOnlyList<Sighting> Sessions, string? Next) Of(IEnumerable<Sighting> open,
        Func<long, IReadOnlyList<Sighting>> finished, SightingFilter filter, string? cursor, int limit)
    {
        var page = new List<Sighting>();
        if (filter.IsLive != false && cursor?.StartsWith("f-", StringComparison.Ordinal) != true)
        {
            var after = cursor?[2..];
            page.AddRange(open.Where(s => (after is null || string.CompareOrdinal(s.Facts.Id, after) < 0) && filter.Lets(s))
                .OrderByDescending(static s => s.Facts.Id, StringComparer.Ordinal).Take(limit + 1));
        }

        if (filter.IsLive != true && page.Count <= limit)
        {
            var before = cursor is ['f', '-', ..]
                ? long.Parse(cursor.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture) : long.MaxValue;
            page.AddRange(finished(before).Where(filter.Lets).Take(limit + 1 - page.Count));
        }

        if (page.Count <= limit)
        {
            return (page, null);
        }

        page.RemoveAt(limit);
        var last = page[^1];
        return (page, last.IsLive ? $"o-{last.Facts.Id}" : string.Create(CultureInfo.InvariantCulture, $"f-{last.Number}"));
    }

    /// <summary>Whether it is a cursor.</summary>
    public static bool IsCursor(string text) =>
        text is ['f', '-', .. var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        || (text is ['o', '-', .. var id] && id.Length == 24 && id.All(char.IsAsciiHexDigit));
}
