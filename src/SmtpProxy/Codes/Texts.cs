using System.Text.RegularExpressions;
using SmtpProxy.Codes.Patterns;
using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Commands;

namespace SmtpProxy.Codes;

/// <summary>Recognises the well-known reply texts. The first entry that fits wins: the special stand before the general.</summary>
public static class Texts
{
    private static readonly Rule[] Rules = [.. Catalogue.Texts.Select(static entry => new Rule(entry))];

    /// <summary>The entry that fits; null = none.</summary>
    /// <param name="operation">The operation that the reply belongs to; null: not known.</param>
    /// <param name="code">Its code.</param>
    /// <param name="text">Its text after the code.</param>
    public static TextEntry? Find(Operation? operation, int code, string text)
    {
        foreach (var rule in Rules)
        {
            if (rule.Fits(operation, code, text))
            {
                return rule.Entry;
            }
        }

        return null;
    }

    /// <summary>The diagnosis of an entry.</summary>
    public static Diagnosis DiagnosisOf(TextEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        for (var i = 0; i < Catalogue.Diagnoses.Count; i++)
        {
            if (Catalogue.Diagnoses[i].Code == entry.Diagnosis)
            {
                return (Diagnosis)i;
            }
        }

        throw new InvalidDataException($"texts.json: no diagnosis '{entry.Diagnosis}'");
    }

    private sealed class Rule(TextEntry entry)
    {
        private readonly Regex _text = TextPatterns.Of(entry.Pattern);
        private readonly HashSet<string>? _operations = entry.In?.ToHashSet();

        public TextEntry Entry => entry;

        public bool Fits(Operation? operation, int code, string text) =>
            FitsCode(code) && (operation is not { } known || _operations?.Contains(WireNames.Of(known)) != false) && _text.IsMatch(text);

        /// <summary>A digit stands for itself, a dot for any.</summary>
        private bool FitsCode(int code)
        {
            if (entry.Codes is not { } pattern)
            {
                return true;
            }

            foreach (var alternative in pattern.Split('|'))
            {
                if (Digit(alternative[0], code / 100) && Digit(alternative[1], code / 10 % 10) && Digit(alternative[2], code % 10))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool Digit(char pattern, int digit) => pattern == '.' || pattern - '0' == digit;
    }
}
