using System.Text;

namespace SmtpProxy.Codes;

/// <summary>Writes what the catalogue knows of codes as text for a terminal.</summary>
public static class CodeText
{
    private const int Label = 12;
    private const int Least = 24;

    /// <summary>One code, or several side by side with how they differ.</summary>
    /// <param name="answers">At least one.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static string Render(IReadOnlyList<CodeAnswer> answers, int width)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var column = Math.Max(Least, ((width - Label) / answers.Count) - 2);
        var text = new StringBuilder();
        Row(text, "", column, [.. answers.Select(static a => a.Title)]);
        foreach (var (label, of) in Rows)
        {
            var cells = answers.Select(of).ToArray();
            if (cells.Any(static cell => cell.Length > 0))
            {
                Row(text, label, column, cells);
            }
        }

        if (answers.Count == 2)
        {
            text.AppendLine();
            Row(text, "apart", (column * 2) + 2, [Difference(answers[0], answers[1])]);
        }

        return text.ToString();
    }

    private static readonly (string Label, Func<CodeAnswer, string> Of)[] Rows =
    [
        ("name", static a => a.Reply?.Name ?? a.Enhanced?.Name ?? "not in the catalogue"),
        ("class", static a => a.Severity),
        ("about", static a => a.Category ?? ""),
        ("meaning", static a => a.Reply?.Meaning ?? (a.Code is null ? a.Enhanced?.Meaning ?? "" : "Only what its class says is certain.")),
        ("enhanced", static a => a.Code is null || a.EnhancedCode is null
            ? "" : a.Enhanced is { } e ? $"{a.EnhancedCode} {e.Name}: {e.Meaning}" : $"{a.EnhancedCode} is not in the registry"),
        ("appears in", static a => a.Reply is { In.Count: > 0 } r ? string.Join(", ", r.In) : ""),
        ("send next", static a => a.Reply?.Next ?? ""),
        ("causes", static a => a.Reply is { } r ? string.Join("; ", r.Causes) : ""),
        ("diagnosis", static a => a.Diagnosis is not { } d
            ? "" : d.Candidates.Count == 0 ? $"{d.Code}: {d.Text}" : $"{d.Code}; it may be {string.Join(", ", d.Candidates)}"),
        ("recognised", static a => a.Diagnosis is { Phrase: { } phrase } d ? $"{phrase} ({d.Provider})" : ""),
        ("remedy", static a => a.Diagnosis is { Candidates.Count: 0 } d ? d.Remedy : a.Enhanced?.Remedy ?? a.Reply?.Remedy ?? ""),
        ("source", static a => a.Reply?.Source ?? a.Enhanced?.Source ?? ""),
    ];

    private static string Difference(CodeAnswer one, CodeAnswer other)
    {
        var first = one.Severity == other.Severity
            ? $"Both are {one.Severity.Split(':')[0]}."
            : $"{one.Title} is {one.Severity.Split(':')[0]}, {other.Title} is {other.Severity.Split(':')[0]}.";
        return one.Reply is { } a && other.Reply is { } b
            ? $"{first} {a.Code} is met in {Places(a)}, {b.Code} in {Places(b)}. After {a.Code}: {a.Next} After {b.Code}: {b.Next}"
            : first;
    }

    private static string Places(ReplyEntry entry) => entry.In.Count == 0 ? "no dialogue" : string.Join(", ", entry.In);

    private static void Row(StringBuilder text, string label, int column, string[] cells)
    {
        var wrapped = cells.Select(cell => Wrap(cell, column).ToArray()).ToArray();
        for (var line = 0; line < wrapped.Max(static w => w.Length); line++)
        {
            var row = new StringBuilder((line == 0 ? label : "").PadRight(Label));
            foreach (var cell in wrapped)
            {
                row.Append((line < cell.Length ? cell[line] : "").PadRight(column)).Append("  ");
            }

            text.AppendLine(row.ToString().TrimEnd());
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
