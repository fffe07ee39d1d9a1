using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Architecture;

/// <summary>The production sources, as text: for what the compiler does not keep, as files and their lengths.</summary>
internal static partial class SourceTree
{
    /// <summary>The rooms of the house: the folders of src/SmtpProxy, with the files beside them as the room Program, and the
    /// other projects as rooms of their own.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = Read("src");

    /// <summary>The sources of the tests.</summary>
    public static IReadOnlyList<SourceFile> Tests { get; } = Read("tests");

    private static List<SourceFile> Read(string top, [CallerFilePath] string here = "")
    {
        var folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", top));
        return
        [
            .. from path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
               let name = Path.GetRelativePath(folder, path).Replace('\\', '/')
               where !name.Contains("/obj/", StringComparison.Ordinal) && !name.Contains("/bin/", StringComparison.Ordinal)
               select new SourceFile(name, RoomOf(name), File.ReadAllText(path)),
        ];
    }

    private static string RoomOf(string name)
    {
        var parts = name.Split('/');
        return parts[0] != "SmtpProxy" ? parts[0]["SmtpProxy.".Length..] : parts.Length == 2 ? "Program" : parts[1];
    }

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    internal static partial Regex Comment();

    [GeneratedRegex("""
        "[^"\n]*"
        """, RegexOptions.IgnorePatternWhitespace)]
    internal static partial Regex Quoted();

    [GeneratedRegex("\"{3,}")]
    internal static partial Regex TextBound();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    internal static partial Regex Namespace();

    [GeneratedRegex(@"^using (SmtpProxy[\w.]*);", RegexOptions.Multiline)]
    internal static partial Regex Using();

    /// <summary>Types that are not nested: they stand at the margin.</summary>
    [GeneratedRegex(
        @"^(?:(?:public|internal|static|sealed|abstract|readonly|ref|unsafe|file) )*(partial )?"
            + @"(?:class|struct|interface|enum|record struct|record class|record|delegate [\w<>?\[\]., ]+?) (\w+)",
        RegexOptions.Multiline)]
    internal static partial Regex Type();
}

/// <summary>One source file.</summary>
internal sealed record SourceFile(string Name, string Room, string Text)
{
    /// <summary>The text without comments and without what is quoted: names of meters and log categories are no names of types.</summary>
    public string Code { get; } = SourceTree.Quoted().Replace(SourceTree.Comment().Replace(Text, ""), "\"\"");

    /// <summary>How long it is.</summary>
    public int Lines { get; } = Text.Count(static c => c == '\n');

    /// <summary>The numbers of its lines that are longer than that. A text of several lines that a program prints or reads is as wide
    /// as that wants it.</summary>
    public IEnumerable<int> LinesOver(int columns)
    {
        var (number, isText) = (0, false);
        foreach (var line in Text.Split('\n'))
        {
            number++;
            var began = isText;
            isText ^= SourceTree.TextBound().Count(line) % 2 == 1;
            if (line.Length > columns && !(began && isText))
            {
                yield return number;
            }
        }
    }

    /// <summary>Where its types are.</summary>
    public string Namespace => SourceTree.Namespace().Match(Text).Groups[1].Value;

    /// <summary>The namespaces of ours that it names.</summary>
    public IEnumerable<string> Usings => SourceTree.Using().Matches(Text).Select(static m => m.Groups[1].Value);

    /// <summary>The types that it declares, nested ones aside.</summary>
    public IEnumerable<string> Types => SourceTree.Type().Matches(Code).Select(static m => m.Groups[2].Value);

    /// <summary>Those of them that other files go on with.</summary>
    public IEnumerable<string> PartialTypes =>
        SourceTree.Type().Matches(Code).Where(static m => m.Groups[1].Success).Select(static m => m.Groups[2].Value);
}
