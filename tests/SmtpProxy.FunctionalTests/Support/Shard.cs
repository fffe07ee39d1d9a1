using System.Globalization;

namespace SmtpProxy.FunctionalTests.Support;

/// <summary>One of several parts of the functional tests, for machines that run them beside each other: <c>SMTPPROXY_SHARD=2/3</c> is the
/// second of three. Each collection is in one part, whole, and the parts take about the same time.</summary>
/// <param name="Place">Which part, from 1.</param>
/// <param name="Of">How many there are.</param>
internal readonly record struct Shard(int Place, int Of)
{
    public const string Variable = "SMTPPROXY_SHARD";

    /// <summary>What the variable says; without it there is one part, which is everything.</summary>
    /// <exception cref="FormatException">It says something else, and nothing should run that might be taken for the whole.</exception>
    public static Shard Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return new(1, 1);
        }

        return text.Split('/') is [var place, var of]
            && int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var which)
            && int.TryParse(of, NumberStyles.None, CultureInfo.InvariantCulture, out var all)
            && which >= 1 && which <= all
            ? new(which, all)
            : throw new FormatException($"{Variable}={text}: write which part, and of how many, such as 2/3.");
    }

    /// <summary>Those of the collections that are in this part: the slowest first, each goes to the part that has least to do.</summary>
    public HashSet<string> Pick(IEnumerable<string> collections)
    {
        var load = new int[Of];
        var picked = new HashSet<string>();
        foreach (var name in collections.Distinct().OrderByDescending(SlowestFirst.SecondsOf).ThenBy(static n => n, StringComparer.Ordinal))
        {
            var part = Array.IndexOf(load, load.Min());
            load[part] += SlowestFirst.SecondsOf(name);
            if (part == Place - 1)
            {
                picked.Add(name);
            }
        }

        return picked;
    }
}
