using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Architecture;

/// <summary>The production sources, as text.</summary>
internal static partial class SourceTree
{
    /// <summary>The rooms of the house: the folders of src/SmtpProxy, with Program.cs and src/SmtpProxy.Protocol as rooms of their own.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = Read();

    private static List<SourceFile> Read([CallerFilePath] string here = "")
    {
        var src = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "src"));
        return
        [
            .. from path in Directory.EnumerateFiles(src, "*.cs", SearchOption.AllDirectories)
               let name = Path.GetRelativePath(src, path).Replace('\\', '/')
               where !name.Contains("/obj/", StringComparison.Ordinal) && !name.Contains("/bin/", StringComparison.Ordinal)
               select new SourceFile(name, RoomOf(name), File.ReadAllText(path)),
        ];
    }

    private static string RoomOf(string name)
    {
        var parts = name.Split('/');
        return parts[0] == "SmtpProxy.Protocol" ? "Protocol" : parts.Length == 2 ? "Program" : parts[1];
    }

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    internal static partial Regex Comment();

    [GeneratedRegex(@"(?<!namespace )\bSmtpProxy\.([A-Z]\w*)")]
    internal static partial Regex Reference();
}

/// <summary>One source file.</summary>
internal sealed record SourceFile(string Name, string Room, string Text)
{
    /// <summary>The text without comments.</summary>
    public string Code { get; } = SourceTree.Comment().Replace(Text, "");

    public int Lines { get; } = Text.Count(static c => c == '\n');

    /// <summary>The rooms that it names in using directives and full names.</summary>
    public IEnumerable<string> References => SourceTree.Reference().Matches(Code).Select(static m => m.Groups[1].Value).Where(r => r != Room).Distinct();
}
