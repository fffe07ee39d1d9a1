namespace SmtpProxy.Faults.Model;

/// <summary>A pattern in which <c>*</c> stands for any text; case does not count. Matching takes time
/// linear in pattern times text.</summary>
internal sealed class Glob(string pattern)
{
    private const string Domain = "domain:";

    /// <summary>Whether an address or name fits; <c>domain:example.org</c> fits every address of that domain.</summary>
    public bool Fits(string text)
    {
        if (pattern.StartsWith(Domain, StringComparison.OrdinalIgnoreCase))
        {
            var at = text.LastIndexOf('@');
            return at >= 0 && text.AsSpan(at + 1).Equals(pattern.AsSpan(Domain.Length), StringComparison.OrdinalIgnoreCase);
        }

        return pattern == "<>" ? text.Length == 0 : Fits(pattern, text);
    }

    private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // Greedy with one point of return: after the last star, everything before it is settled.
        int p = 0, t = 0, star = -1, from = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, from) = (p++, t);
            }
            else if (p < pattern.Length && char.ToUpperInvariant(pattern[p]) == char.ToUpperInvariant(text[t]))
            {
                (p, t) = (p + 1, t + 1);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }
}
