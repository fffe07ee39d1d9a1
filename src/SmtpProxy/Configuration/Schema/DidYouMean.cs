namespace SmtpProxy.Configuration.Schema;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class DidYouMean
{
    /// <summary>What stands before the name that was probably meant.</summary>
    public const string Question = "did you mean ";

    /// <summary>The known name nearest to one that is not known; null when none is near. Case does not count.</summary>
    public static string? Nearest(string unknown, IEnumerable<string> known)
    {
        var (best, least) = ((string?)null, int.MaxValue);
        foreach (var name in known)
        {
            var distance = Distance(unknown.ToUpperInvariant(), name.ToUpperInvariant());
            if (distance < least)
            {
                (best, least) = (name, distance);
            }
        }

        // A third of the letters may differ: more would be guessing.
        return best is not null && least <= Math.Max(1, Math.Max(unknown.Length, best.Length) / 3) ? best : null;
    }

    /// <summary>The end of a sentence that refuses a name: what was probably meant, or all there is.</summary>
    public static string Hint(string unknown, IReadOnlyCollection<string> known) =>
        Nearest(unknown, known) is { } meant ? $"{Question}{meant}?"
        : known.Count == 0 ? "there are none here"
        : $"known here: {string.Join(", ", known)}";

    /// <summary>Whether a name is another one with a slip of the finger: one letter, or two in a long name.</summary>
    public static bool IsSlip(string name, string meant) =>
        Distance(name.ToUpperInvariant(), meant.ToUpperInvariant()) <= Math.Max(1, meant.Length / 6);

    /// <summary>Whether a name is another one but for one letter at most, or two that changed places. Case does not count.</summary>
    public static bool IsOneSlip(string name, string meant) => Distance(name.ToUpperInvariant(), meant.ToUpperInvariant()) <= 1;

    /// <summary>Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var cost = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            cost[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            cost[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
