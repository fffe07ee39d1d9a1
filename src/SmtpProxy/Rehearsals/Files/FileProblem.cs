using System.Globalization;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>Something in a file that cannot be used.</summary>
/// <param name="Path">Where, members separated by dots; empty: the file itself.</param>
/// <param name="Line">The line, from 1; 0: not known.</param>
/// <param name="Text">What is wrong, and what would be right.</param>
internal sealed record FileProblem(string Path, int Line, string Text)
{
    /// <summary>As an editor and a person read it.</summary>
    public string In(string file) => string.Create(CultureInfo.InvariantCulture,
        $"{file}{(Line > 0 ? $":{Line}" : "")}: {(Path.Length > 0 ? $"{Path}: " : "")}{Text}");
}

/// <summary>A file cannot be used.</summary>
/// <param name="problems">Each with its place and the remedy.</param>
internal sealed class RehearsalRefusedException(IReadOnlyList<string> problems) : Exception(string.Join('\n', problems))
{
    /// <summary>Each with its place and the remedy.</summary>
    public IReadOnlyList<string> Problems => problems;
}
