using System.Runtime.CompilerServices;

namespace SmtpProxy.FunctionalTests.Documentation;

/// <summary>The pages that users read, where they stand in the repository.</summary>
internal static class Pages
{
    /// <summary>The repository.</summary>
    public static string Root { get; } = Find();

    /// <summary>Every fenced block of every page.</summary>
    public static IReadOnlyList<Snippet> Snippets { get; } =
    [
        .. from file in Directory.GetFiles(Root, "*.md").Concat(Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
               .Concat(Directory.GetFiles(Path.Combine(Root, "dashboards"), "*.md", SearchOption.AllDirectories))
           orderby file
           from snippet in Snippet.Of(Path.GetRelativePath(Root, file), File.ReadAllText(file))
           select snippet,
    ];

    private static string Find([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
