using System.Globalization;
using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Codes;

/// <summary>What a reply line alone says went wrong. The proxy knows more than the line: what it replies to,
/// and what else was said.</summary>
/// <param name="Code">The diagnosis; <c>unclear</c> where the line leaves it open.</param>
/// <param name="Text">In a plain sentence.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Phrase">The well-known text that was recognised; null = none.</param>
/// <param name="Provider">Whose text it is.</param>
/// <param name="Candidates">What it may be, the likely first, where it is unclear; otherwise empty.</param>
public sealed record LineDiagnosis(string Code, string Text, string Remedy, string? Phrase, string? Provider,
    IReadOnlyList<string> Candidates)
{
    /// <summary>What a greeting says went wrong, by a well-known text; null: nothing, or it does not say.</summary>
    /// <param name="line">The line, with its code.</param>
    public static Diagnosis? OfGreeting(string line) =>
        line is { Length: > 4 } && int.TryParse(line.AsSpan(0, 3), CultureInfo.InvariantCulture, out var code)
        && Texts.Find(Operation.Greeting, code, line[4..]) is { } known
            ? Texts.DiagnosisOf(known)
            : null;

    /// <summary>Reads a line.</summary>
    /// <param name="code">400-599.</param>
    /// <param name="enhanced">Its enhanced code, if any.</param>
    /// <param name="text">What stands after the code.</param>
    public static LineDiagnosis Of(int code, EnhancedCode enhanced, string text)
    {
        var (candidates, known) = RefusalReading.Judge(null, code, enhanced, text);
        var entry = Catalogue.Of(candidates.Count == 1 ? candidates[0] : Diagnosis.Unclear);
        return new LineDiagnosis(
            entry.Code, known?.Meaning ?? entry.Text, known?.Remedy ?? entry.Remedy, known?.Name, known?.Provider,
            candidates.Count == 1 ? [] : [.. candidates.Select(static c => Catalogue.Of(c).Code)]);
    }
}
